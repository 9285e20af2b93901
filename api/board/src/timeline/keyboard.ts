/** The timeline by keyboard: arrows go from visit to visit, M takes one up, Enter puts it down. */
import { MINUTE_MS } from "../common/time";
import { held, letGo, lift, over, putBack, setOver } from "./drag";
import { type Bar, nearest, type Row, visitsOf } from "./model";

/** What has the focus: a visit, or a row that has none (`barId` null). */
export interface Focus {
  rowId: string;
  barId: string | null;
}

const PAGE_ROWS = 10;
const FINE_MS = 5 * MINUTE_MS;
const COARSE_MS = 30 * MINUTE_MS;

/** The focus that a key leads to, or null if the key means nothing here. */
export function moved(key: string, rows: readonly Row[], focus: Focus): Focus | null {
  const index = rows.findIndex((row) => row.id === focus.rowId);
  const row = rows[index];
  if (row === undefined) return null;
  const visits = visitsOf(row);
  const place = visits.findIndex((bar) => bar.id === focus.barId);
  const within = (to: number) => focusOn(row, visits[clamp(to, visits.length)] ?? null);
  const onRow = (to: number) => {
    const other = rows[clamp(to, rows.length)] ?? row;
    return focusOn(other, nearest(other, visits[place]?.from ?? 0));
  };
  switch (key) {
    case "ArrowLeft":
      return within(place - 1);
    case "ArrowRight":
      return within(place + 1);
    case "Home":
      return within(0);
    case "End":
      return within(visits.length - 1);
    case "ArrowUp":
      return onRow(index - 1);
    case "ArrowDown":
      return onRow(index + 1);
    case "PageUp":
      return onRow(index - PAGE_ROWS);
    case "PageDown":
      return onRow(index + PAGE_ROWS);
    default:
      return null;
  }
}

/** Takes up the visit that has the focus. */
export function takeUp(row: Row, bar: Bar): void {
  const spot = { rowId: row.id, at: bar.from };
  const lengthMs = bar.to - bar.from;
  lift(
    { visitId: bar.id, label: bar.label, lengthMs, graspMs: 0, from: spot, by: "keyboard" },
    spot,
  );
}

/** A key while a visit is held by keyboard. Says whether it meant something. */
export function carried(event: KeyboardEvent, rows: readonly Row[]): boolean {
  const spot = over.value;
  if (held.value?.by !== "keyboard" || spot === null) return false;
  const step = event.shiftKey ? FINE_MS : COARSE_MS;
  const index = rows.findIndex((row) => row.id === spot.rowId);
  const onRow = (to: number) =>
    setOver({ ...spot, rowId: rows[clamp(to, rows.length)]?.id ?? spot.rowId });
  switch (event.key) {
    case "ArrowUp":
      onRow(index - 1);
      return true;
    case "ArrowDown":
      onRow(index + 1);
      return true;
    case "ArrowLeft":
      setOver({ ...spot, at: spot.at - step });
      return true;
    case "ArrowRight":
      setOver({ ...spot, at: spot.at + step });
      return true;
    case "Enter":
      letGo();
      return true;
    case "Escape":
      putBack();
      return true;
    default:
      return false;
  }
}

function focusOn(row: Row, bar: Bar | null): Focus {
  return { rowId: row.id, barId: bar?.id ?? null };
}

function clamp(index: number, length: number): number {
  return Math.max(0, Math.min(length - 1, index));
}
