/** A visit held by the pointer: from a row of the timeline, or from the waiting list. */
import { signal } from "@preact/signals";
import type { Spot } from "./model";

export interface Held {
  visitId: string;
  label: string;
  /** Of the visit on site. */
  lengthMs: number;
  /** How far behind its beginning the pointer took it. */
  graspMs: number;
  /** Where it came from, null: the waiting list. */
  from: Spot | null;
  by: "pointer" | "keyboard";
}

/** Whether anything may be taken up at all. */
export const mayHold = signal(true);
export const held = signal<Held | null>(null);
/** Where it is held over; null: nowhere. */
export const over = signal<Spot | null>(null);

export interface Target {
  /** The place under a point of the window, null where there is none. */
  spotAt(x: number, y: number, graspMs: number): Spot | null;
  /** Scrolls on when the pointer is near an edge. */
  nudge(y: number): void;
}

const BEGINS_AFTER_PX = 4;

let target: Target | null = null;
let dropped: (held: Held, spot: Spot) => void = () => {};

export function setTarget(to: Target | null): void {
  target = to;
}

export function onDropped(then: (held: Held, spot: Spot) => void): void {
  dropped = then;
}

/** Call on `pointerdown`; it becomes a drag once the pointer moves. */
export function grasp(event: PointerEvent, what: Held): void {
  if (event.button !== 0 || !mayHold.value) return;
  const begin = { x: event.clientX, y: event.clientY };
  const ghost = document.createElement("div");
  const move = (moved: PointerEvent) => {
    const far = Math.hypot(moved.clientX - begin.x, moved.clientY - begin.y);
    if (held.value === null && far < BEGINS_AFTER_PX) return;
    if (held.value === null) {
      held.value = what;
      ghost.className = "held";
      ghost.textContent = what.label;
      document.body.append(ghost);
    }
    moved.preventDefault();
    ghost.style.transform = `translate(${moved.clientX + 12}px, ${moved.clientY + 12}px)`;
    target?.nudge(moved.clientY);
    setOver(target?.spotAt(moved.clientX, moved.clientY, what.graspMs) ?? null);
  };
  const end = (ended: Event) => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", end);
    window.removeEventListener("pointercancel", end);
    window.removeEventListener("keydown", cancel, true);
    ghost.remove();
    if (held.value === null) return;
    if (ended.type === "pointerup") swallowClick();
    if (ended.type === "pointerup") letGo();
    else putBack();
  };
  const cancel = (pressed: KeyboardEvent) => {
    if (pressed.key !== "Escape" || held.value === null) return;
    pressed.stopPropagation();
    putBack();
    end(pressed);
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
  window.addEventListener("keydown", cancel, true);
}

/** Takes a visit by keyboard; arrows then change `over`. */
export function lift(what: Held, at: Spot): void {
  if (!mayHold.value) return;
  held.value = what;
  over.value = at;
}

export function setOver(spot: Spot | null): void {
  const now = over.value;
  if (now?.rowId !== spot?.rowId || now?.at !== spot?.at) over.value = spot;
}

export function letGo(): void {
  const [what, spot] = [held.value, over.value];
  putBack();
  if (what !== null && spot !== null) dropped(what, spot);
}

export function putBack(): void {
  held.value = null;
  over.value = null;
}

/** The click that ends a drag opens nothing. */
function swallowClick(): void {
  const swallow = (click: Event) => click.stopPropagation();
  window.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => window.removeEventListener("click", swallow, true));
}
