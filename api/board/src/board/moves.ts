/** Changes by hand: what the referee says while a visit is held, what is saved, undo and redo. */
import { computed, effect, signal } from "@preact/signals";
import { answered, api, ProblemError, type Shapes, withEtag } from "../common/api";
import { say } from "../common/language";
import { complain, tell } from "../common/notices";
import { type Held, held, mayHold, onDropped, over } from "../timeline/drag";
import type { Spot } from "../timeline/model";
import {
  board,
  lookAt,
  mayChange,
  PUBLISHED,
  reload,
  reloadShown,
  seats,
  shown,
  wanted,
} from "./store";

/** Where a visit is to go: as which visit of a shift of the first technician, counted from 1. */
export interface Place {
  technicianIds: readonly string[];
  shiftId: string | null;
  position: number | null;
}

export interface Wish {
  visitId: string;
  place: Place | null;
}

export type Evaluation = Shapes["EvaluationOut"];

/** What the referee said last of a place that a visit is held over; null: nothing yet. */
export const verdict = signal<{ spot: Spot; place: Place; said: Evaluation } | null>(null);
/** What is broken by a change that was dropped, and waits for a reason or to be put back. */
export const doubtful = signal<{ wish: Wish; said: Evaluation | null; why: string } | null>(null);

/** A crew that was dropped, with whom the engine would send along: to be looked over. */
export const crewing = signal<{ wish: Wish & { place: Place }; said: Evaluation } | null>(null);

const done = signal<readonly Step[]>([]);
const undone = signal<readonly Step[]>([]);
export const canUndo = computed(() => done.value.length > 0);
export const canRedo = computed(() => undone.value.length > 0);

interface Step {
  visitId: string;
  before: Place | null;
  after: Place | null;
}

/** How many technicians a visit needs. */
export function crewSize(visitId: string): number {
  return board.value?.visits[visitId]?.crew_size ?? 1;
}

/** Whether a place names fewer technicians than the visit needs. */
export function isShort(visitId: string, place: Place): boolean {
  return place.technicianIds.length < crewSize(visitId);
}

/**
 * A spot of the timeline as a place: in the order in which the visits of that shift begin. Of a crew
 * that is planned only the member whose bar is held becomes another.
 */
export function placeAt({ visitId, from }: Pick<Held, "visitId" | "from">, spot: Spot): Place {
  const known = from === null ? [] : (seats.value.get(visitId)?.technicianIds ?? []);
  const crew = known.includes(spot.rowId)
    ? known
    : known.map((id) => (id === from?.rowId ? spot.rowId : id));
  const technicianIds = crew.length === 0 ? [spot.rowId] : crew;
  const first = { rowId: technicianIds[0] ?? spot.rowId, at: spot.at };
  const shiftId = shiftAt(first);
  let position = 1;
  for (const [other, seat] of seats.value) {
    const isBefore = seat.shiftId === shiftId && seat.startAt <= first.at;
    if (other !== visitId && isBefore && seat.technicianIds.includes(first.rowId)) position += 1;
  }
  return { technicianIds, shiftId, position: shiftId === null ? null : position };
}

/** The shift of a technician that an instant is in, or the nearest one. */
function shiftAt(spot: Spot): string | null {
  const technician = board.value?.technicians.find((one) => one.id === spot.rowId);
  let best: { id: string; away: number } | null = null;
  for (const shift of technician?.shifts ?? []) {
    const early = Date.parse(shift.start_at) - spot.at;
    const away = Math.max(0, early, spot.at - Date.parse(shift.end_at));
    if (best === null || away < best.away) best = { id: shift.id, away };
  }
  return best?.id ?? null;
}

function changeOf(wish: Wish): Shapes["ChangeIn"] {
  const { visitId, place } = wish;
  if (place === null) return { visit_id: visitId };
  return {
    visit_id: visitId,
    technician_ids: [...place.technicianIds],
    ...(place.shiftId === null ? {} : { shift_id: place.shiftId }),
    ...(place.position === null ? {} : { position: place.position }),
    ...(isShort(visitId, place) ? { fill_crew: true } : {}),
  };
}

export function evaluate(wish: Wish): Promise<Evaluation> {
  const version = wanted.value;
  return answered(api.POST("/v1/evaluate", { body: { version, changes: [changeOf(wish)] } }));
}

let asking = false;

/** One question at a time; what is held may have gone on meanwhile, then the next is asked. */
async function ask(): Promise<void> {
  if (asking) return;
  asking = true;
  try {
    for (;;) {
      const [what, spot] = [held.value, over.value];
      if (what === null || spot === null) return;
      const place = placeAt(what, spot);
      const said = await evaluate({ visitId: what.visitId, place }).catch(() => null);
      if (held.value === null) return;
      verdict.value = said === null ? null : { spot, place, said };
      if (over.value === spot) return;
    }
  } finally {
    asking = false;
  }
}

effect(() => {
  mayHold.value = mayChange.value;
});

effect(() => {
  if (held.value === null || over.value === null) verdict.value = null;
  else void ask();
});

onDropped((what, spot) => {
  void move({ visitId: what.visitId, place: placeAt(what, spot) });
});

/** Saves a change if it is legal; asks for a reason if it is not, and who goes along if it does not
 * say that. */
export async function move(wish: Wish): Promise<void> {
  const { visitId, place } = wish;
  try {
    const said = await evaluate(wish);
    if (place !== null && isShort(visitId, place)) {
      const technicianIds = [...place.technicianIds, ...companyOf(place, said)];
      crewing.value = { wish: { visitId, place: { ...place, technicianIds } }, said };
    } else await moved(wish, said);
  } catch (error) {
    complain(error);
  }
}

/** The same, once the referee has spoken. */
export async function moved(wish: Wish, said: Evaluation): Promise<void> {
  if (said.broken.length > 0) doubtful.value = { wish, said, why: "" };
  else await save(wish, "");
}

/** Who goes along by what the referee judged, beside those whom a place names. */
export function companyOf(place: Place, said: Evaluation): readonly string[] {
  const crew = said.placed[0]?.technician_ids ?? [];
  return crew.filter((id) => !place.technicianIds.includes(id));
}

/** Saves a change; with a reason also one that breaks rules. */
export async function save(wish: Wish, reason: string): Promise<void> {
  const before = placeOf(wish.visitId);
  if (await write(wish, reason)) {
    done.value = [...done.value, { visitId: wish.visitId, before, after: wish.place }];
    undone.value = [];
  }
}

export async function undo(): Promise<void> {
  const step = done.value.at(-1);
  if (step === undefined) return;
  if (await write({ visitId: step.visitId, place: step.before }, UNDONE())) {
    done.value = done.value.slice(0, -1);
    undone.value = [...undone.value, step];
  }
}

export async function redo(): Promise<void> {
  const step = undone.value.at(-1);
  if (step === undefined) return;
  if (await write({ visitId: step.visitId, place: step.after }, UNDONE())) {
    undone.value = undone.value.slice(0, -1);
    done.value = [...done.value, step];
  }
}

/** What is put back as it was needs no other reason. */
const UNDONE = () => say("put back as it was", "恢复原状");

function placeOf(visitId: string): Place | null {
  return seats.value.get(visitId) ?? null;
}

/** Whether it was saved; otherwise it was said why not, and nothing has changed. */
async function write(wish: Wish, reason: string): Promise<boolean> {
  const read = shown.value;
  if (read === null) return false;
  const params = {
    path: { version: wanted.value },
    header: { "If-Match": read.etag, "Idempotency-Key": crypto.randomUUID() },
  };
  const force = reason === "" ? {} : { force: true, reason };
  const { technician_ids, ...where } = changeOf(wish);
  try {
    const asked =
      wish.place === null
        ? api.POST("/v1/plans/{version}/unassignments", {
            params,
            body: { visit_id: wish.visitId, ...force },
          })
        : api.POST("/v1/plans/{version}/assignments", {
            params,
            body: { ...where, technician_ids: technician_ids ?? [], ...force },
          });
    const { data } = await withEtag<Shapes["ChangedOut"]>(asked);
    if (wanted.value === PUBLISHED) {
      tell(
        say(
          `Draft ${data.version} was made of the published plan; publish it to tell people.`,
          `已基于发布计划生成草稿 ${data.version}；发布后才会通知相关人员。`,
        ),
      );
      lookAt(String(data.version));
    } else await reloadShown();
    return true;
  } catch (error) {
    await refused(wish, error);
    return false;
  }
}

async function refused(wish: Wish, error: unknown): Promise<void> {
  const code = error instanceof ProblemError ? error.problem.code : "";
  const status = error instanceof ProblemError ? error.problem.status : 0;
  if (status === 412) {
    await reload();
    complain(
      say(
        "Somebody else changed this plan meanwhile; it is shown as it is now. Nothing was overwritten.",
        "其他人刚修改了此计划；现已显示最新内容，未覆盖任何更改。",
      ),
    );
  } else if (code === "broken_rules") {
    const why = error instanceof Error ? error.message : "";
    doubtful.value = { wish, said: await evaluate(wish).catch(() => null), why };
  } else complain(error);
}
