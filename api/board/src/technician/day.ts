/** The day that is shown: asked of the server, kept on the phone for where there is no network. */
import { effect, signal } from "@preact/signals";
import { answered, api, type Shapes } from "../common/api";
import { key } from "../common/key";
import { complain } from "../common/notices";
import { isoDate } from "../common/time";
import { standingOf } from "./projecting";
import { isAnswer, queue, reachable, sentNumbers, settle, tellServer, undo, whose } from "./queue";
import { forgetBelow, forgetKept, keep, kept, type KeptDay, type Tap } from "./store";

const ASK_MS = 20_000;

/** The day that was chosen; null: the one that is going on. */
export const chosen = signal<string | null>(null);
export const shown = signal<KeptDay | null>(null);
/** Now, as the server has it; it ticks. */
export const nowMs = signal(Date.now());

const TICK_MS = 1000;

setInterval(() => {
  nowMs.value = serverNow();
}, TICK_MS);

// Whoever signs out leaves no addresses of customers behind.
effect(() => {
  if (key.value === null) {
    whose.value = null;
    shown.value = null;
    void forgetKept();
  }
});

/** By the phone's clock, put right by how far it was off when the server was last heard. */
export function serverNow(): number {
  return Date.now() + (shown.value?.aheadMs ?? 0);
}

function nameOf(technicianId: string, day: string): string {
  return `day/${technicianId}/${day}`;
}

/** What the phone knows is shown at once; what the server says, when it has answered. */
export async function load(): Promise<void> {
  const technicianId = whose.value;
  if (technicianId === null) return;
  const wanted = chosen.value;
  const name = nameOf(technicianId, wanted ?? "now");
  if (shown.value === null || (wanted !== null && shown.value.day.day !== wanted)) {
    const before = await kept<KeptDay>(name);
    if (before !== null) show(before);
  }
  const sent = sentNumbers();
  const askedMs = Date.now();
  try {
    const day = await answered(
      api.GET("/v1/technicians/{technician_id}/day", {
        params: { path: { technician_id: technicianId }, query: wanted ? { date: wanted } : {} },
        signal: AbortSignal.timeout(ASK_MS),
      }),
    );
    reachable.value = true;
    const seenMs = Date.now();
    const aheadMs = Date.parse(day.now_at) - (askedMs + seenMs) / 2;
    if (chosen.value === wanted) show({ day, seenMs, aheadMs });
    await keep(name, { day, seenMs, aheadMs } satisfies KeptDay);
    await forgetBelow(nameOf(technicianId, ""), nameOf(technicianId, isoDate(serverNow())));
    await settle(sent);
  } catch (error) {
    reachable.value = isAnswer(error);
    const isMissing = wanted !== null && wanted !== shown.value?.day.day;
    if (isMissing && chosen.value === wanted) chosen.value = null;
    if (reachable.value || isMissing) complain(error);
  }
}

function show(found: KeptDay): void {
  shown.value = found;
  nowMs.value = serverNow();
}

const ID_BYTES = 12;

/** Records a fact of a visit as it happens. */
export function happened(
  visit: Shapes["DayVisit"],
  kind: Shapes["EventKind"],
  told: { details?: Shapes["DetailsIn"]; note?: string } = {},
): Promise<void> {
  const random = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  const unique = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const fact = {
    id: `phone-${unique}`,
    kind,
    visit_id: visit.visit_id,
    happened_at: new Date(serverNow()).toISOString(),
    by: whose.value,
    details: told.details ?? null,
    note: told.note ?? "",
  };
  const { state, runInMs, isHere } = standingOf(visit, queue.value);
  return tellServer(visit.work_order_id, fact, { state, runInMs, isHere });
}

/** Records that what was recorded last did not happen. */
export function undone(tap: Tap): Promise<void> {
  return undo(tap, new Date(serverNow()).toISOString());
}
