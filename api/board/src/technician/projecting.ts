/** How far a visit is by what the server said and what it has not heard yet. */
import type { Shapes } from "../common/api";
import type { Progress, Queued } from "./store";

export type Day = Shapes["TechnicianDay"];
export type Stop = Shapes["DayStop"];
export type Visit = Shapes["DayVisit"];
export type Kind = Shapes["EventKind"];
export type State = Shapes["State"];

export interface Standing extends Progress {
  /** What may be recorded next, as the server would have it. */
  possible: Kind[];
}

/** Whether the server has not told yet what came of it. */
function counts(entry: Queued, visitId: string): boolean {
  const isNew = entry.state === "waiting" || entry.state === "sent";
  return isNew && entry.body.visit_id === visitId;
}

export function standingOf(visit: Visit, queue: readonly Queued[]): Standing {
  let state = visit.state;
  let runInMs = visit.run_in_at === null ? null : Date.parse(visit.run_in_at);
  let isHere = visit.arrived_at !== null;
  const news = queue.filter((entry) => counts(entry, visit.visit_id));
  const facts = new Set(news.filter((one) => !one.withdrawal).map(({ body }) => body.id));
  const undone = new Set(news.filter((one) => one.withdrawal).map(({ body }) => body.id));
  for (const { body, withdrawal } of news) {
    if (withdrawal !== undefined) {
      if (!facts.has(body.id)) ({ state, runInMs, isHere } = withdrawal.before);
      continue;
    }
    if (undone.has(body.id)) continue;
    const { kind, happened_at } = body;
    if (kind === "arrived") isHere = true;
    const step = visit.steps.find((one) => one.start === state && one.kind === kind);
    if (step === undefined) continue;
    state = step.end;
    if (kind === "run_in_started") runInMs = Date.parse(happened_at);
  }
  const possible = visit.steps.filter((one) => one.start === state).map((one) => one.kind);
  return { state, possible, isHere, runInMs: state === "run_in" ? runInMs : null };
}

const ON_SITE: readonly State[] = ["on_site", "repaired", "run_in", "ran_in"];

/** Whether another of the crew is on site, and this one has not said so. */
export function mayJoin(visit: Visit, { state, isHere }: Standing): boolean {
  return visit.crew.length > 0 && !isHere && ON_SITE.includes(state);
}

const NEXT: Partial<Record<State, Kind>> = {
  published: "departed",
  under_way: "arrived",
  on_site: "repaired",
  run_in: "run_in_ended",
  ran_in: "signed_off",
};

/** What usually comes next; null: nothing may. */
export function usualNext(standing: Standing): Kind | null {
  const after = standing.possible.includes("signed_off") ? "signed_off" : "run_in_started";
  const usual = standing.state === "repaired" ? after : NEXT[standing.state];
  return usual !== undefined && standing.possible.includes(usual) ? usual : null;
}

/** The other steps, those that are rare or sad at the end; a run-in where none is asked for is none. */
export function otherSteps(visit: Visit, standing: Standing): Kind[] {
  const usual = usualNext(standing);
  return standing.possible.filter(
    (kind) => kind !== usual && (kind !== "run_in_started" || visit.run_in_s > 0),
  );
}

export interface Load {
  place: Shapes["DayPlace"];
  atMs: number;
  parts: Shapes["DayPart"][];
  tools: string[];
}

/** What to load at which depot, and when. */
export function loadsOf(day: Day): Load[] {
  return day.stops.flatMap((stop) =>
    stop.kind === "pickup" && stop.place !== null
      ? [
          {
            place: stop.place,
            atMs: Date.parse(stop.arrival_at),
            parts: stop.parts,
            tools: stop.tools,
          },
        ]
      : [],
  );
}

const OVER: readonly State[] = ["signed_off", "failed", "dropped", "cancelled"];

export function isOver(state: State): boolean {
  return OVER.includes(state);
}

/** The visit to be done now: one that somebody is busy with, or else the first that is not over. */
export function currentVisit(day: Day, queue: readonly Queued[]): string | null {
  const standing = day.stops.flatMap(({ visit }) =>
    visit === null ? [] : [{ id: visit.visit_id, state: standingOf(visit, queue).state }],
  );
  const left = standing.filter(({ state }) => !isOver(state) && state !== "open");
  const busy = left.find(({ state }) => state !== "published");
  return (busy ?? left[0])?.id ?? null;
}
