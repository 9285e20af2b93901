/** What codes are called, as the server says it: one source for screens, reports and the API. */
import { effect, signal } from "@preact/signals";
import { answered, api, type Shapes } from "./api";
import { language, say } from "./language";
import { duration, yuan } from "./time";
import { me } from "./Signed";

const words = signal<Shapes["Words"] | null>(null);

effect(() => {
  if (me.value === null || language.value === undefined) return;
  answered(api.GET("/v1/words")).then(
    (found) => {
      words.value = found;
    },
    () => {
      // Codes are shown instead of their names.
    },
  );
});

/** A broken rule in words, with by how much. */
export function ruleText(code: string, amount = 0): string {
  const rule = words.value?.rules[code];
  if (rule === undefined) return code;
  const counted = amountText(rule.unit, amount);
  return counted === ""
    ? rule.text
    : say(`${rule.text} (${counted})`, `${rule.text}（${counted}）`);
}

function amountText(unit: string, amount: number): string {
  if (amount === 0 || unit === "nothing") return "";
  // Rules that count seconds say 1 where there is no time to measure.
  if (unit === "seconds") return amount === 1 ? "" : duration(amount);
  if (unit === "fen") return yuan(amount);
  return String(amount);
}

export const itemText = (item: string): string => words.value?.price_items[item] ?? item;
export const clockText = (kind: string): string => words.value?.clocks[kind] ?? kind;
export const priorityText = (priority: string): string =>
  words.value?.priorities[priority] ?? priority;
export const gateText = (kind: string): string => words.value?.gates[kind] ?? kind;
export const eventText = (kind: string): string => words.value?.events[kind] ?? kind;
export const stateText = (state: string): string => words.value?.states[state] ?? state;
