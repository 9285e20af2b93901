/** What the board shows: a version of the plan, the one it is compared with, and what is chosen. */
import { batch, computed, signal } from "@preact/signals";
import { answered, api, type Shapes, withEtag } from "../common/api";
import { complain } from "../common/notices";
import { me } from "../common/Signed";
import { DAY_MS, startOfDay } from "../common/time";
import type { Span } from "../timeline/model";

export type Board = Shapes["Board"];
export type BoardVisit = Shapes["BoardVisit"];

/** A version that was read, with the ETag that changing it needs. */
export interface Read {
  board: Board;
  etag: string;
}

export const PUBLISHED = "published";
const MOST_VERSIONS = 50;

/** Which version is looked at: `published`, or the number of a draft. */
export const wanted = signal<string>(new URLSearchParams(location.search).get("plan") ?? PUBLISHED);
export const shown = signal<Read | null>(null);
/** The published plan, while a draft is looked at. */
export const compared = signal<Read | null>(null);
export const versions = signal<readonly Shapes["VersionFacts"][]>([]);
export const connected = signal(true);

export const view = signal<Span>({ from: 0, to: 1 });
export const now = signal(Date.now());
export const selected = signal<string | null>(new URLSearchParams(location.search).get("visit"));
export const chosen = signal<ReadonlySet<string>>(new Set());

export const board = computed<Board | null>(() => shown.value?.board ?? null);
export const isDraft = computed(() => board.value?.state === "draft");

const DISPATCHERS: readonly string[] = ["dispatcher", "administrator"];
const PLANNERS: readonly string[] = [...DISPATCHERS, "planner"];
export const mayDispatch = computed(() => DISPATCHERS.includes(me.value?.role ?? ""));
export const mayPlan = computed(() => PLANNERS.includes(me.value?.role ?? ""));
/** Whether the caller may change what is shown by hand: nobody changes what is superseded. */
export const mayChange = computed(() => mayDispatch.value && board.value?.state !== "superseded");

/** Who does a visit, whoever brings its parts first; as which of that one's shift, counted from 1. */
export interface Seat {
  technicianIds: string[];
  shiftId: string;
  position: number;
  startAt: number;
  endAt: number;
}

export function nameOf(technicianId: string): string {
  return board.value?.technicians.find((one) => one.id === technicianId)?.name ?? technicianId;
}

/** The instant of seconds that a board counts from its `zero_at`. */
export function instant(of: Board, seconds: number): number {
  return Date.parse(of.zero_at) + seconds * 1000;
}

export const seats = computed<ReadonlyMap<string, Seat>>(() => seatsOf(board.value));
export const comparedSeats = computed<ReadonlyMap<string, Seat>>(() =>
  seatsOf(compared.value?.board ?? null),
);

function seatsOf(of: Board | null): ReadonlyMap<string, Seat> {
  const found = new Map<string, Seat>();
  if (of === null) return found;
  for (const route of of.routes) {
    let position = 0;
    for (const stop of route.stops) {
      if (stop.kind !== undefined && stop.kind !== "visit") continue;
      position += 1;
      if (stop.visit_id === undefined || stop.visit_id === null) continue;
      const others = found.get(stop.visit_id);
      const leads = others === undefined || Object.keys(stop.parts ?? {}).length > 0;
      if (!leads) others.technicianIds.push(route.technician_id);
      else {
        found.set(stop.visit_id, {
          technicianIds: [route.technician_id, ...(others?.technicianIds ?? [])],
          shiftId: route.shift_id,
          position,
          startAt: instant(of, stop.start),
          endAt: instant(of, stop.end),
        });
      }
    }
  }
  return found;
}

let reading = 0;

/** Whether the published plan may be another than what is compared with. */
let isComparedStale = true;

/** Reads anew what is looked at, and the published plan beside it. */
export async function reload(): Promise<void> {
  isComparedStale = true;
  await reloadShown();
}

/** Reads anew what is looked at, where the published plan has stayed as it was. What was asked for
 * earlier and comes later is not shown. */
export async function reloadShown(): Promise<void> {
  reading += 1;
  const mine = reading;
  const comparedWith = () => {
    if (wanted.value === PUBLISHED) return null;
    return isComparedStale ? read(PUBLISHED) : compared.value;
  };
  try {
    const [main, published, found] = await Promise.all([
      read(wanted.value),
      comparedWith(),
      listVersions(),
    ]);
    if (mine !== reading) return;
    isComparedStale = false;
    batch(() => {
      const isFirst = shown.value === null;
      shown.value = main;
      compared.value = published;
      versions.value = found;
      skew = Date.parse(main.board.now_at) - Date.now();
      tick();
      if (isFirst) showDays(now.value, 1);
    });
  } catch (error) {
    if (mine === reading) complain(error);
  }
}

/** Reads only which versions there are. */
export async function readVersions(): Promise<void> {
  try {
    versions.value = await listVersions();
  } catch (error) {
    complain(error);
  }
}

async function listVersions(): Promise<readonly Shapes["VersionFacts"][]> {
  const params = { query: { limit: MOST_VERSIONS } };
  return (await answered(api.GET("/v1/plans", { params }))).items;
}

async function read(version: string): Promise<Read> {
  const asked = api.GET("/v1/plans/{version}/board", { params: { path: { version } } });
  const { data, etag } = await withEtag(asked);
  return { board: data, etag: etag ?? "" };
}

/** Looks at another version, and keeps it in the address. */
export function lookAt(version: string): void {
  wanted.value = version;
  const address = new URL(location.href);
  if (version === PUBLISHED) address.searchParams.delete("plan");
  else address.searchParams.set("plan", version);
  history.replaceState(null, "", address);
  void reload();
}

let skew = 0;

/** The organisation's clock goes on; it need not be this device's. */
export function tick(): void {
  now.value = Date.now() + skew;
}

const MORNING_MS = 6 * 3_600_000;
const EVENING_MS = 21 * 3_600_000;

/** Shows some local days; one day from morning to evening. */
export function showDays(at: number, days: number): void {
  const from = startOfDay(at);
  view.value =
    days === 1
      ? { from: from + MORNING_MS, to: from + EVENING_MS }
      : { from, to: from + days * DAY_MS };
}
