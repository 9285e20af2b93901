/** What the timeline draws; it knows nothing of the API. Instants are milliseconds since 1970. */

export type BarKind = "visit" | "travel" | "break" | "pickup" | "run_in" | "night";

/** How the clocks of a visit stand. */
export type ClockState = "safe" | "at_risk" | "broken";

/** How a bar differs from the plan that it is compared with; `gone` is only there. */
export type Difference = "same" | "new" | "moved" | "gone";

export interface Span {
  from: number;
  to: number;
}

export interface Bar extends Span {
  /** Of a visit: its id. Of others: unique in the row. */
  id: string;
  kind: BarKind;
  label: string;
  /** What is read aloud, and shown when the pointer rests. */
  title: string;
  state: ClockState | null;
  difference: Difference;
  /** One sign each: pinned, made by hand, forced. */
  marks: string;
  /** Over: cannot be moved any more. */
  fixed: boolean;
}

export interface Row {
  /** Of the technician. */
  id: string;
  label: string;
  detail: string;
  shifts: readonly Span[];
  absences: readonly Span[];
  /** By their beginnings. */
  bars: readonly Bar[];
}

/** A place that a visit is held over or dropped at. */
export interface Spot {
  rowId: string;
  at: number;
}

export function visitsOf(row: Row): readonly Bar[] {
  return row.bars.filter((bar) => bar.kind === "visit" && bar.difference !== "gone");
}

/** The visit of a row that is nearest to an instant. */
export function nearest(row: Row, at: number): Bar | null {
  let best: Bar | null = null;
  for (const bar of visitsOf(row)) {
    if (best === null || Math.abs(bar.from - at) < Math.abs(best.from - at)) best = bar;
  }
  return best;
}
