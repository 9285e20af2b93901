/**
 * Technicians as rows, time across. Only the rows in sight are drawn, so hundreds stay fluent.
 */
import { type Signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { say } from "../common/language";
import { clockTime, dayName } from "../common/time";
import { held, over, setTarget } from "./drag";
import { carried, type Focus, moved, takeUp } from "./keyboard";
import { type Row, type Span, visitsOf } from "./model";
import { panned, Scale, snapped, zoomed } from "./scale";
import { LABEL_PX, ROW_PX, TimelineRow } from "./TimelineRow";

const ROWS_AROUND = 4;
const EDGE_PX = 40;
const NUDGE_PX = 12;
const ZOOM = 1.2;

export interface TimelineProps {
  rows: Signal<readonly Row[]>;
  view: Signal<Span>;
  now: Signal<number>;
  selected: Signal<string | null>;
  /** A visit was opened. */
  open: (visitId: string) => void;
  /** A technician was chosen. */
  choose: (rowId: string) => void;
  /** The technicians that are chosen. */
  chosen: Signal<ReadonlySet<string>>;
}

export function Timeline({ rows, view, now, selected, open, choose, chosen }: TimelineProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const size = useSignal({ width: 0, height: 0 });
  const top = useSignal(0);
  const focus = useSignal<Focus | null>(null);
  const wantsFocus = useRef(false);
  const scale = useComputed(() => new Scale(view.value, Math.max(1, size.value.width - LABEL_PX)));
  const inSight = useComputed(() => {
    const first = Math.max(0, Math.floor(top.value / ROW_PX) - ROWS_AROUND);
    const last = Math.ceil((top.value + size.value.height) / ROW_PX) + ROWS_AROUND;
    return { first, rows: rows.value.slice(first, last) };
  });

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = () => {
      size.value = { width: element.clientWidth, height: element.clientHeight };
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    const wheel = (event: WheelEvent) => turned(event, element, scale.value, view);
    element.addEventListener("wheel", wheel, { passive: false });
    setTarget({
      spotAt: (x, y, graspMs) => {
        const box = element.getBoundingClientRect();
        if (x < box.left + LABEL_PX || x > box.right || y < box.top || y > box.bottom) return null;
        const row = rows.value[Math.floor((y - box.top + element.scrollTop) / ROW_PX)];
        if (row === undefined) return null;
        return { rowId: row.id, at: snapped(scale.value.at(x - box.left - LABEL_PX) - graspMs) };
      },
      nudge: (y) => {
        const box = element.getBoundingClientRect();
        if (y < box.top + EDGE_PX) element.scrollTop -= NUDGE_PX;
        else if (y > box.bottom - EDGE_PX) element.scrollTop += NUDGE_PX;
      },
    });
    return () => {
      observer.disconnect();
      element.removeEventListener("wheel", wheel);
      setTarget(null);
    };
  }, []);

  // What is carried by keyboard stays in sight.
  useSignalEffect(() => {
    if (held.value?.by === "keyboard" && over.value !== null) show(over.value.rowId);
  });

  // What was selected elsewhere comes into sight.
  useSignalEffect(() => {
    const visitId = selected.value;
    const row = rows.peek().find((one) => visitsOf(one).some((bar) => bar.id === visitId));
    const bar = row?.bars.find((one) => one.id === visitId);
    if (row === undefined || bar === undefined) return;
    show(row.id);
    const span = view.peek();
    if (bar.from < span.from || bar.from > span.to) {
      view.value = panned(span, bar.from - (span.from + span.to) / 2);
    }
  });

  const show = (rowId: string) => {
    const element = scroller.current;
    const index = rows.peek().findIndex((row) => row.id === rowId);
    if (element === null || index < 0) return;
    const y = index * ROW_PX;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y + ROW_PX > element.scrollTop + element.clientHeight) {
      element.scrollTop = y + ROW_PX - element.clientHeight;
    }
  };

  const pressed = (event: KeyboardEvent) => {
    if (carried(event, rows.value)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const at = focus.value;
    if (at === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = moved(event.key, rows.value, at);
    const row = rows.value.find((one) => one.id === at.rowId);
    const bar = row?.bars.find((one) => one.kind === "visit" && one.id === at.barId);
    if (next !== null) {
      focus.value = next;
      wantsFocus.current = true;
      show(next.rowId);
    } else if ((event.key === "Enter" || event.key === " ") && bar !== undefined) open(bar.id);
    else if ((event.key === "Enter" || event.key === " ") && row !== undefined) choose(row.id);
    else if (event.key === "m" && row !== undefined && bar !== undefined && !bar.fixed) {
      takeUp(row, bar);
    } else return;
    event.preventDefault();
  };

  // The element of the focus may only be there after the rows were drawn.
  useEffect(() => {
    if (!wantsFocus.current || focus.value === null) return;
    const { rowId, barId } = focus.value;
    const selector =
      barId === null ? rowSelector(rowId) : `${rowSelector(rowId)} ${barSelector(barId)}`;
    const element = scroller.current?.querySelector<HTMLElement>(
      barId === null ? `${selector} [role=rowheader]` : selector,
    );
    if (element !== undefined && element !== null) {
      element.focus({ preventScroll: true });
      wantsFocus.current = false;
    }
  });

  const first = rows.value[0];
  const tabStop = focus.value ?? (first === undefined ? null : { rowId: first.id, barId: null });
  const nowX = scale.value.x(now.value);
  return (
    <div class="timeline">
      <Axis scale={scale.value} />
      <div
        class={held.value === null ? "rows" : "rows holding"}
        ref={scroller}
        role="grid"
        aria-label={say("Plan by technician", "按技术员的计划")}
        aria-rowcount={rows.value.length}
        onScroll={(event) => {
          top.value = event.currentTarget.scrollTop;
        }}
        onKeyDown={pressed}
        onFocusIn={(event) => {
          focus.value = focusOf(event.target as HTMLElement) ?? focus.value;
        }}
      >
        <div
          class="all-rows"
          role="presentation"
          style={{ height: `${rows.value.length * ROW_PX}px` }}
        >
          {inSight.value.rows.map((row, index) => (
            <TimelineRow
              key={row.id}
              row={row}
              index={inSight.value.first + index}
              scale={scale.value}
              selected={selected.value}
              chosen={chosen.value.has(row.id)}
              tabStop={tabStop?.rowId === row.id ? tabStop : null}
              spot={over.value?.rowId === row.id ? over.value : null}
              lengthMs={held.value?.lengthMs ?? 0}
              open={open}
              choose={choose}
            />
          ))}
        </div>
      </div>
      {nowX >= 0 && nowX <= scale.value.width && (
        <div
          class="now"
          style={{ left: `${LABEL_PX + nowX}px` }}
          title={`${say("now", "现在")} ${clockTime(now.value)}`}
        />
      )}
    </div>
  );
}

function Axis({ scale }: { scale: Scale }) {
  return (
    <div class="axis" aria-hidden="true">
      {scale.ticks().map(({ at, isDay }) => (
        <span
          key={at}
          class={isDay ? "tick day" : "tick"}
          style={{ left: `${LABEL_PX + scale.x(at)}px` }}
        >
          {isDay ? dayName(at) : clockTime(at)}
        </span>
      ))}
    </div>
  );
}

/** The wheel: with Ctrl nearer and farther, sideways or with Shift through time. */
function turned(event: WheelEvent, element: HTMLElement, scale: Scale, view: Signal<Span>): void {
  if (event.ctrlKey) {
    event.preventDefault();
    const x = event.clientX - element.getBoundingClientRect().left - LABEL_PX;
    view.value = zoomed(view.value, event.deltaY > 0 ? ZOOM : 1 / ZOOM, scale.at(x));
    return;
  }
  const sideways = event.shiftKey ? event.deltaY : event.deltaX;
  if (sideways !== 0) {
    event.preventDefault();
    view.value = panned(view.value, sideways / scale.pxPerMs);
  }
}

function focusOf(element: HTMLElement): Focus | null {
  const rowId = element.closest<HTMLElement>("[data-row]")?.dataset.row;
  if (rowId === undefined) return null;
  return { rowId, barId: element.dataset.visit ?? null };
}

function rowSelector(rowId: string): string {
  return `[data-row="${CSS.escape(rowId)}"]`;
}

function barSelector(visitId: string): string {
  return `[data-visit="${CSS.escape(visitId)}"]`;
}
