/** Which days are looked at, and how the address says so. Days are local dates: 2026-09-29. */

export type Preset = "week" | "30d" | "90d" | "month" | "last-month";
export const PRESETS: readonly Preset[] = ["week", "30d", "90d", "month", "last-month"];
const USUAL: Preset = "30d";
const DAY_MS = 86_400_000;

export interface Days {
  from: string;
  until: string;
}

/** What was chosen: a preset that moves with time, or days that stay. */
export interface Choice {
  preset: Preset | null;
  days: Days | null;
  territory: string | null;
}

export function plusDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}

/** How many days from one to another; 0 if they are the same. */
export function daysBetween(from: string, until: string): number {
  return Math.round((Date.parse(until) - Date.parse(from)) / DAY_MS);
}

/** The Monday of a day's week. */
export function mondayOf(day: string): string {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return plusDays(day, -weekday);
}

export function daysOf(choice: Choice, today: string): Days {
  if (choice.days !== null) return choice.days;
  switch (choice.preset ?? USUAL) {
    case "week":
      return { from: mondayOf(today), until: today };
    case "30d":
      return { from: plusDays(today, -29), until: today };
    case "90d":
      return { from: plusDays(today, -89), until: today };
    case "month":
      return { from: `${today.slice(0, 7)}-01`, until: today };
    case "last-month": {
      const until = plusDays(`${today.slice(0, 7)}-01`, -1);
      return { from: `${until.slice(0, 7)}-01`, until };
    }
  }
}

/** The months that have one of the days, the first and the last. */
export function monthsOf(days: Days): { first: string; last: string } {
  return { first: days.from.slice(0, 7), last: days.until.slice(0, 7) };
}

export function readChoice(search: string): Choice {
  const asked = new URLSearchParams(search);
  const preset = PRESETS.find((one) => one === asked.get("period")) ?? null;
  const from = asked.get("from");
  const until = asked.get("until");
  const days = isDay(from) && isDay(until) && from <= until ? { from, until } : null;
  return {
    preset: days === null ? (preset ?? USUAL) : null,
    days,
    territory: asked.get("territory"),
  };
}

export function writtenChoice(choice: Choice): string {
  const said = new URLSearchParams();
  if (choice.days !== null) {
    said.set("from", choice.days.from);
    said.set("until", choice.days.until);
  } else if (choice.preset !== null && choice.preset !== USUAL) {
    said.set("period", choice.preset);
  }
  if (choice.territory !== null) said.set("territory", choice.territory);
  const text = said.toString();
  return text === "" ? "" : `?${text}`;
}

function isDay(text: string | null): text is string {
  return text !== null && /^20\d\d-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}
