/** English and Chinese, switchable. Every text of the pages goes through `say`. */
import { signal } from "@preact/signals";

export type Language = "en" | "zh";

const KEPT = "dispatch.language";

function wanted(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "en" || kept === "zh") return kept;
  return navigator.language.startsWith("zh") ? "zh" : "en";
}

export const language = signal<Language>(wanted());

export function choose(chosen: Language): void {
  localStorage.setItem(KEPT, chosen);
  language.value = chosen;
}

export function say(english: string, chinese: string): string {
  return language.value === "zh" ? chinese : english;
}

language.subscribe((now) => {
  document.documentElement.lang = now === "zh" ? "zh-CN" : "en";
});
