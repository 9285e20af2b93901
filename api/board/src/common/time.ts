/** Instants and amounts as people read them, in the organisation's time zone. */
import { signal } from "@preact/signals";
import { language, say } from "./language";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Of the organisation; the server says which. */
export const timeZone = signal(Intl.DateTimeFormat("en-GB").resolvedOptions().timeZone);

function formatted(ms: number, options: Intl.DateTimeFormatOptions): string {
  return formatter(language.value === "zh" ? "zh-CN" : "en-GB", timeZone.value, options).format(ms);
}

const FORMATTERS = new Map<string, Intl.DateTimeFormat>();

function formatter(
  locale: string,
  zone: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const name = `${locale} ${zone} ${JSON.stringify(options)}`;
  let made = FORMATTERS.get(name);
  if (made === undefined) {
    made = new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
    FORMATTERS.set(name, made);
  }
  return made;
}

/** 08:30 */
export function clockTime(ms: number): string {
  return formatted(ms, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** Tue 29 Sep */
export function dayName(ms: number): string {
  return formatted(ms, { weekday: "short", day: "numeric", month: "short" });
}

/** 29 Sep 08:30 */
export function dayAndTime(ms: number): string {
  return `${formatted(ms, { day: "numeric", month: "short" })} ${clockTime(ms)}`;
}

/** Minutes that the zone is ahead of UTC at an instant. */
function offsetMs(ms: number): number {
  const parts = formatter("en-GB", timeZone.value, {
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
    hourCycle: "h23",
  }).formatToParts(ms);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const local = Date.UTC(
    of("year"),
    of("month") - 1,
    of("day"),
    of("hour"),
    of("minute"),
    of("second"),
  );
  return local - Math.floor(ms / 1000) * 1000;
}

/** When the local day began that an instant is in. */
export function startOfDay(ms: number): number {
  const local = ms + offsetMs(ms);
  const midnight = local - (((local % DAY_MS) + DAY_MS) % DAY_MS);
  const guess = midnight - offsetMs(ms);
  return midnight - offsetMs(guess);
}

/** The local date, as 2026-09-29. */
export function isoDate(ms: number): string {
  return new Date(ms + offsetMs(ms)).toISOString().slice(0, 10);
}

/** 1 h 25 min; with a sign if negative. */
export function duration(seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 60);
  const sign = seconds < 0 && minutes > 0 ? "−" : "";
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  const h = say("h", "小时");
  const min = say("min", "分");
  if (hours === 0) return `${sign}${rest} ${min}`;
  return rest === 0 ? `${sign}${hours} ${h}` : `${sign}${hours} ${h} ${rest} ${min}`;
}

/** 1,234 of 123,400 fen. */
export function yuan(fen: number): string {
  const value = Math.round(fen / 100);
  return `${value < 0 ? "−" : ""}${Math.abs(value).toLocaleString("en-GB")} ${say("yuan", "元")}`;
}

export function kilometres(metres: number): string {
  return `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} km`;
}
