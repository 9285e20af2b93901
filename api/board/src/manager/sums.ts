/** From counts to what people read: shares, trends, and the load of technicians and stations. */
import type { Shapes } from "../common/api";
import { daysBetween, mondayOf, plusDays } from "./period";

export type Figures = Shapes["Figures"];
export type Clock = Shapes["ClockKind"];
export type Load = Shapes["Load"];
type ClockShare = Shapes["ClockShare"];

export const CLOCKS: readonly Clock[] = ["respond", "arrive", "restore"];
const TREND_DAYS = 7;
/** Beyond so many columns days are put together to weeks. */
const MOST_COLUMNS = 45;

/** A share of 1; null where nothing counts. */
export function share(kept: number, counted: number): number | null {
  return counted === 0 ? null : kept / counted;
}

/** 97.2 %, rounded down as the reports do: 100 % means all. */
export function percent(value: number | null, digits = 1): string {
  if (value === null) return "–";
  const scale = 10 ** digits;
  return `${(Math.floor(value * 100 * scale + 1e-9) / scale).toFixed(digits)} %`;
}

/** Points by which a clock's share differs from the span before; null where there is none. */
export function difference(clock: ClockShare): number | null {
  const now = share(clock.kept, clock.counted);
  const before = share(clock.before_kept, clock.before_counted);
  return now === null || before === null ? null : (now - before) * 100;
}

export interface TrendPoint {
  day: string;
  /** Of that day alone. */
  share: number | null;
  counted: number;
  /** Of that day and the six before it. */
  trend: number | null;
}

/** One clock, day by day from the first to the last. */
export function trendOf(
  byDay: Figures["by_day"],
  clock: Clock,
  from: string,
  until: string,
): TrendPoint[] {
  const known = new Map(byDay.filter((one) => one.clock === clock).map((one) => [one.day, one]));
  const points: TrendPoint[] = [];
  for (let n = 0; n <= daysBetween(from, until); n += 1) {
    const day = plusDays(from, n);
    let kept = 0;
    let counted = 0;
    for (let back = 0; back < TREND_DAYS; back += 1) {
      const one = known.get(plusDays(day, -back));
      kept += one?.kept ?? 0;
      counted += one?.counted ?? 0;
    }
    const own = known.get(day);
    points.push({
      day,
      share: share(own?.kept ?? 0, own?.counted ?? 0),
      counted: own?.counted ?? 0,
      trend: share(kept, counted),
    });
  }
  return points;
}

/** Columns of the load map: a day, or a week that begins on it. */
export interface Column {
  begin: string;
  indexes: number[];
  planned: boolean;
}

export function columnsOf(days: readonly string[], today: string): Column[] {
  const byWeek = days.length > MOST_COLUMNS;
  const columns: Column[] = [];
  days.forEach((day, index) => {
    const begin = byWeek ? mondayOf(day) : day;
    const last = columns.at(-1);
    if (last?.begin === begin) last.indexes.push(index);
    else columns.push({ begin, indexes: [index], planned: false });
  });
  for (const column of columns) {
    column.planned = column.indexes.every((index) => (days[index] ?? "") >= today);
  }
  return columns;
}

/** Technicians by their stations, in the order in which they are told. */
export function byStationOf(loads: readonly Load[]): Map<string, Load[]> {
  const found = new Map<string, Load[]>();
  for (const load of loads) {
    found.set(load.station_id, [...(found.get(load.station_id) ?? []), load]);
  }
  return found;
}

export interface Work {
  regular: number;
  worked: number;
  overtime: number;
}

/** What some technicians work on some days, in seconds. */
export function workOf(loads: readonly Load[], indexes: readonly number[]): Work {
  const sum = { regular: 0, worked: 0, overtime: 0 };
  for (const load of loads) {
    for (const index of indexes) {
      sum.regular += load.regular_s[index] ?? 0;
      sum.worked += load.worked_s[index] ?? 0;
      sum.overtime += load.overtime_s[index] ?? 0;
    }
  }
  return sum;
}

/** The indexes of the days of the chosen span that are over or under way. */
export function recordedDays(figures: Figures): number[] {
  const last = figures.spans.at(-1)?.span.last ?? figures.today;
  return figures.load_days.flatMap((day, index) =>
    day <= last && day <= figures.today ? [index] : [],
  );
}
