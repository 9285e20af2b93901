/** Between instants and pixels, and the ticks of the axis. */
import { DAY_MS, HOUR_MS, MINUTE_MS, startOfDay } from "../common/time";
import type { Span } from "./model";

const STEPS_MS = [
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
];
const LEAST_TICK_PX = 46;
/** Names of days are longer than times. */
const LEAST_DAY_PX = 96;
const LEAST_SPAN_MS = 2 * HOUR_MS;
const LONGEST_SPAN_MS = 15 * DAY_MS;

export class Scale {
  readonly view: Span;
  readonly width: number;
  readonly pxPerMs: number;

  constructor(view: Span, width: number) {
    this.view = view;
    this.width = width;
    this.pxPerMs = width / (view.to - view.from);
  }

  x(at: number): number {
    return (at - this.view.from) * this.pxPerMs;
  }

  at(x: number): number {
    return this.view.from + x / this.pxPerMs;
  }

  shows(span: Span): boolean {
    return span.to > this.view.from && span.from < this.view.to;
  }

  ticks(): { at: number; isDay: boolean }[] {
    const step = STEPS_MS.find((ms) => ms * this.pxPerMs >= leastPx(ms)) ?? DAY_MS;
    const found = [];
    for (let day = startOfDay(this.view.from); day < this.view.to;) {
      const next = startOfDay(day + DAY_MS + 2 * HOUR_MS);
      for (let at = day; at < next && at < this.view.to; at += step) {
        if (at >= this.view.from) found.push({ at, isDay: at === day });
      }
      day = next;
    }
    return found;
  }
}

function leastPx(stepMs: number): number {
  return stepMs < 6 * HOUR_MS ? LEAST_TICK_PX : LEAST_DAY_PX;
}

/** The view nearer or farther, with what is under the pointer staying there. */
export function zoomed(view: Span, factor: number, around: number): Span {
  const length = Math.min(LONGEST_SPAN_MS, Math.max(LEAST_SPAN_MS, (view.to - view.from) * factor));
  const share = (around - view.from) / (view.to - view.from);
  const from = around - share * length;
  return { from, to: from + length };
}

export function panned(view: Span, ms: number): Span {
  return { from: view.from + ms, to: view.to + ms };
}

/** An instant on the five-minute grid. */
export function snapped(at: number): number {
  return Math.round(at / (5 * MINUTE_MS)) * 5 * MINUTE_MS;
}
