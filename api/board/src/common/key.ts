/** The caller's key: from the address (`#key=…`, which no server is sent), or typed in. */
import { signal } from "@preact/signals";

const KEPT = "dispatch.key";

function first(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given !== null) {
    localStorage.setItem(KEPT, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return localStorage.getItem(KEPT) ?? sessionStorage.getItem(KEPT);
}

export const key = signal<string | null>(first());

export function useKey(given: string, remember: boolean): void {
  forgetKey();
  (remember ? localStorage : sessionStorage).setItem(KEPT, given);
  key.value = given;
}

export function forgetKey(): void {
  localStorage.removeItem(KEPT);
  sessionStorage.removeItem(KEPT);
  key.value = null;
}
