/** Names that several parts of the page use. */
import { language, say } from "../common/language";
import type { Shapes } from "../common/api";
import { told } from "./state";
import type { Clock } from "./sums";

export function clockName(clock: Clock): string {
  return {
    respond: say("respond", "响应"),
    arrive: say("arrive", "到场"),
    restore: say("restore", "修复"),
  }[clock];
}

export function priorityName(priority: Shapes["Priority"]): string {
  return {
    low: say("low", "低"),
    normal: say("normal", "普通"),
    high: say("high", "高"),
    emergency: say("emergency", "紧急"),
  }[priority];
}

/** What a figure means, in one sentence of the server. */
export function definition(name: string): string {
  const text = told.value?.definitions[name];
  return text === undefined ? "" : text[language.value];
}

export function stationName(stationId: string): string {
  const known = told.value?.figures.stations.find((one) => one.station_id === stationId);
  if (stationId === "") return say("no station", "未归属");
  return known?.station ?? stationId;
}

/** 29 Sep, of a date; the zone does not matter. */
export function shortDay(day: string): string {
  return of(day, { day: "numeric", month: "short" });
}

/** Tue 29 Sep 2026 */
export function longDay(day: string): string {
  return of(day, { weekday: "short", day: "numeric", month: "short", year: "numeric" });
}

/** Tu 29, for narrow columns. */
export function weekday(day: string): string {
  return of(day, { weekday: "narrow" });
}

function of(day: string, options: Intl.DateTimeFormatOptions): string {
  const locale = language.value === "zh" ? "zh-CN" : "en-GB";
  return new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options }).format(Date.parse(day));
}

/** 12.5 h */
export function hours(seconds: number): string {
  return `${(seconds / 3600).toFixed(1)} ${say("h", "小时")}`;
}
