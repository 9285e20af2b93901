/** What happened on site: kept on the phone first, then sent in order, once, when there is a network. */
import { computed, signal } from "@preact/signals";
import { answered, api, ProblemError, type Shapes } from "../common/api";
import { language, say } from "../common/language";
import { drop, keep, kept, put, type Queued, queuedOf, type Tap } from "./store";

type Event = Shapes["EventIn"];

const LOCK = "dispatch.sending";
const CHANNEL = "dispatch.technician";
const SEND_MS = 20_000;
const FIRST_WAIT_MS = 3_000;
const LONGEST_WAIT_MS = 60_000;
const UNAUTHENTICATED = 401;
const TOO_MANY = 429;
const BROKEN_SERVER = 500;
const TAP = "tap";

/** Whose facts these are; null until it is known who uses the phone. */
export const whose = signal<string | null>(null);
export const queue = signal<readonly Queued[]>([]);
/** Whether the last that was asked of the server was answered. */
export const reachable = signal(true);
/** The last that was recorded here, unless it was taken back. */
export const lastTap = signal<Tap | null>(null);
export const waiting = computed(() => queue.value.filter((entry) => entry.state === "waiting"));
export const troubles = computed(() =>
  queue.value.filter((entry) => entry.state === "office" || entry.state === "refused"),
);

const others = new BroadcastChannel(CHANNEL);
let told: () => Promise<void> = () => Promise.resolve();
let wait = FIRST_WAIT_MS;
let timer: ReturnType<typeof setTimeout> | null = null;

/** `sent` is called when the server has something new, here or in another tab. */
export async function begin(technicianId: string, sent: () => Promise<void>): Promise<void> {
  whose.value = technicianId;
  told = sent;
  const tap = await kept<Tap>(TAP);
  if (tap?.technicianId === technicianId) lastTap.value = tap;
  others.onmessage = () => void reread().then(told);
  await flush();
}

addEventListener("online", () => void flush());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") void flush();
});

/** Keeps a fact; resolves when it cannot be lost any more. It is sent as soon as may be. */
export async function tellServer(
  workOrderId: string,
  body: Event,
  before: Tap["before"],
): Promise<void> {
  const technicianId = whose.value;
  if (technicianId === null) throw new Error("nobody is signed in");
  await put({ technicianId, workOrderId, body, state: "waiting", why: null });
  await remember({ technicianId, workOrderId, body: { ...body, details: null }, before });
  await reread();
  void flush();
}

/** Takes back what was recorded last: what nobody heard of is forgotten, the rest withdrawn. */
export async function undo(tap: Tap, happenedAt: string): Promise<void> {
  const { technicianId, workOrderId, body, before } = tap;
  const withdrawal = {
    id: `${body.id}-undone`,
    reason: say("taken back on the phone", "在手机上撤销"),
    happened_at: happenedAt,
    by: technicianId,
  };
  const entry = { technicianId, workOrderId, body, withdrawal: { body: withdrawal, before } };
  await put({ ...entry, state: "waiting", why: null });
  await remember(null);
  await reread();
  void flush();
}

async function remember(tap: Tap | null): Promise<void> {
  lastTap.value = tap;
  await keep(TAP, tap);
}

/** Once more, after it was refused. */
export async function sendAgain(entry: Queued): Promise<void> {
  await put({ ...entry, state: "waiting", why: null });
  await reread();
  void flush();
}

/** A person has read what became of it. */
export async function dismiss(entry: Queued): Promise<void> {
  await drop(entry.number ?? 0);
  await reread();
}

/** The day has what was sent before it was asked for. */
export async function settle(numbers: readonly number[]): Promise<void> {
  for (const number of numbers) await drop(number);
  await reread();
}

export function sentNumbers(): number[] {
  return queue.value.filter(({ state }) => state === "sent").map(({ number }) => number ?? 0);
}

/** Sends all that waits; one tab at a time, in the order in which it happened. */
export function flush(): Promise<void> {
  return alone(async () => {
    let any = false;
    for (let entry = await next(); entry !== undefined; entry = await next()) {
      // Without any network it stays on the phone for certain.
      if (navigator.onLine) await put({ ...entry, tried: true });
      const after = await send(entry);
      if (after === null) break;
      any = true;
      await put({ ...entry, ...after });
      if (entry.withdrawal !== undefined && after.state === "sent") await settleMistake(entry);
    }
    await reread();
    tryLater();
    if (any) {
      others.postMessage(null);
      await told();
    }
  });
}

async function next(): Promise<Queued | undefined> {
  await forgetUnheard();
  const all = await queuedOf(whose.value ?? "");
  return all.find((entry) => entry.state === "waiting");
}

/** What the server never had, or did not take, needs no withdrawal. */
async function forgetUnheard(): Promise<void> {
  const all = await queuedOf(whose.value ?? "");
  for (const entry of all) {
    if (entry.withdrawal === undefined || entry.state !== "waiting") continue;
    const mistake = all.find((one) => isMistake(one, entry));
    const waits = mistake?.state === "waiting" && mistake.tried !== true;
    if (mistake === undefined || !(waits || mistake.state === "refused")) continue;
    await drop(mistake.number ?? 0);
    await drop(entry.number ?? 0);
  }
}

/** Nobody has to read what the office kept of it. */
async function settleMistake(withdrawal: Queued): Promise<void> {
  const all = await queuedOf(whose.value ?? "");
  const kept = all.filter((one) => isMistake(one, withdrawal) && one.state === "office");
  for (const { number } of kept) await drop(number ?? 0);
}

function isMistake(entry: Queued, withdrawal: Queued): boolean {
  return entry.withdrawal === undefined && entry.body.id === withdrawal.body.id;
}

async function reread(): Promise<void> {
  queue.value = await queuedOf(whose.value ?? "");
}

let last: Promise<void> = Promise.resolve();

/** Without locks, which a page has over https only, two tabs may send the same: that does no harm. */
async function alone(act: () => Promise<void>): Promise<void> {
  if ("locks" in navigator) {
    await navigator.locks.request(LOCK, act);
  } else {
    last = last.then(act, act);
    await last;
  }
}

function tryLater(): void {
  if (timer !== null) clearTimeout(timer);
  timer = null;
  if (waiting.value.length === 0) {
    wait = FIRST_WAIT_MS;
    return;
  }
  timer = setTimeout(() => void flush(), wait);
  wait = Math.min(wait * 2, LONGEST_WAIT_MS);
}

/** Whether our server said it, and not a hotel's network or a proxy in between. */
export function isAnswer(error: unknown): error is ProblemError {
  return error instanceof ProblemError && error.problem.code !== "unreadable";
}

/** Why the office keeps it for a person, if it does. */
async function post({ workOrderId, body, withdrawal }: Queued): Promise<Shapes["Text"] | null> {
  const signal = AbortSignal.timeout(SEND_MS);
  const order = { work_order_id: workOrderId };
  if (withdrawal === undefined) {
    const params = { path: order };
    const sent = api.POST("/v1/work-orders/{work_order_id}/events", { params, body, signal });
    return (await answered(sent)).refused ?? null;
  }
  const params = { path: { ...order, event_id: body.id } };
  const path = "/v1/work-orders/{work_order_id}/events/{event_id}/withdrawal";
  await answered(api.POST(path, { params, body: withdrawal.body, signal }));
  return null;
}

/** What became of it; null: try again later. */
async function send(entry: Queued): Promise<Pick<Queued, "state" | "why"> | null> {
  try {
    const refused = await post(entry);
    reachable.value = true;
    if (!refused) return { state: "sent", why: null };
    return { state: "office", why: refused[language.value] };
  } catch (error) {
    reachable.value = isAnswer(error);
    if (!isAnswer(error)) return null;
    const { status } = error.problem;
    const passes = status === UNAUTHENTICATED || status === TOO_MANY || status >= BROKEN_SERVER;
    return passes ? null : { state: "refused", why: error.message };
  }
}
