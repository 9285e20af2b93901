/** What the page looks at, and what it was told: read anew every minute while somebody looks. */
import { computed, effect, signal } from "@preact/signals";
import { answered, api, BASE, headers, ProblemError, type Shapes } from "../common/api";
import { complain } from "../common/notices";
import { me } from "../common/Signed";
import { isoDate, MINUTE_MS } from "../common/time";
import { daysOf, monthsOf, readChoice, writtenChoice, type Choice } from "./period";

type Told = Shapes["ManagersFigures"];

export const choice = signal<Choice>(readChoice(location.search));
export const told = signal<Told | null>(null);
export const busy = signal(false);
export const trouble = signal<string | null>(null);
export const territories = signal<readonly string[]>([]);

/** How far the organisation's clock is from this device's; samples live in other days. */
const aheadMs = signal(0);
/** The organisation's time, moved on now and then so that countdowns run. */
export const nowMs = signal(Date.now());
export const days = computed(() => daysOf(choice.value, isoDate(nowMs.value)));

const TICK_MS = 15_000;
let asked = 0;

export function choose(change: Partial<Choice>): void {
  choice.value = { ...choice.value, ...change };
  history.replaceState(null, "", location.pathname + writtenChoice(choice.value));
}

function setClock(at: string): void {
  aheadMs.value = Date.parse(at) - Date.now();
  nowMs.value = Date.now() + aheadMs.value;
}

export async function refresh(): Promise<void> {
  asked += 1;
  const own = asked;
  const { from, until } = days.value;
  const query = { from, until, territory: choice.value.territory };
  busy.value = true;
  try {
    const found = await answered(api.GET("/v1/figures", { params: { query } }));
    if (own !== asked) return;
    told.value = found;
    trouble.value = null;
    setClock(found.figures.now_at);
  } catch (error) {
    if (own !== asked) return;
    trouble.value = error instanceof Error ? error.message : String(error);
    // A territory or days that the server refuses must not look as if they were shown.
    if (error instanceof ProblemError) told.value = null;
    else if (told.value !== null) complain(error);
  } finally {
    if (own === asked) busy.value = false;
  }
}

async function readTerritories(): Promise<void> {
  try {
    territories.value = (await answered(api.GET("/v1/territories"))).items;
  } catch (error) {
    complain(error);
  }
}

/** Begins to read, and to read again whenever something else is chosen; how to stop. */
export function begin(): () => void {
  if (me.value !== null) setClock(me.value.now_at);
  void readTerritories();
  const stopReading = effect(() => {
    const { from, until } = days.value;
    void [from, until, choice.value.territory];
    void refresh();
  });
  const minute = setInterval(() => {
    if (document.visibilityState === "visible") void refresh();
  }, MINUTE_MS);
  const tick = setInterval(() => {
    nowMs.value = Date.now() + aheadMs.value;
  }, TICK_MS);
  return () => {
    stopReading();
    clearInterval(minute);
    clearInterval(tick);
  };
}

/** Saves the monthly report of all months that have one of the days. */
export async function saveWorkbook(): Promise<void> {
  const { first, last } = monthsOf(days.value);
  try {
    const asking = `${BASE}/v1/reports/monthly.xlsx?first=${first}&last=${last}`;
    const response = await fetch(asking, { headers: headers() });
    if (!response.ok) throw new ProblemError(await response.json());
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = first === last ? `${first}.xlsx` : `${first}–${last}.xlsx`;
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    complain(error);
  }
}
