/** Light or dark: as the device wants it, or as chosen. */
import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const KEPT = "dispatch.theme";

function kept(): Theme {
  const value = localStorage.getItem(KEPT);
  return value === "light" || value === "dark" ? value : "system";
}

export const theme = signal<Theme>(kept());

theme.subscribe((now) => {
  localStorage.setItem(KEPT, now);
  if (now === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = now;
});
