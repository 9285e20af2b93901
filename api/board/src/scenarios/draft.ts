/** The study that is being put together, and what is sent of it. */
import { signal } from "@preact/signals";
import type { Shapes } from "../common/api";
import { say } from "../common/language";

export type Value = string | number | boolean | readonly Value[] | { [price: string]: number };
export type Values = Readonly<Record<string, Value>>;

export interface Change {
  id: number;
  kind: string;
  values: Values;
}

export interface Scenario {
  id: number;
  name: string;
  changes: readonly Change[];
}

export interface Draft {
  name: string;
  base: string;
  start: string;
  days: number | null;
  policy: string;
  seeds: number;
  iterations: number;
  scenarios: readonly Scenario[];
}

const SEEDS = 10;
const ITERATIONS = 5000;
export const LIVE = "live";
let last = 0;

function next(): number {
  last += 1;
  return last;
}

export function emptyScenario(): Scenario {
  return { id: next(), name: "", changes: [] };
}

export function emptyDraft(): Draft {
  return {
    name: "",
    base: LIVE,
    start: "",
    days: null,
    policy: "",
    seeds: SEEDS,
    iterations: ITERATIONS,
    scenarios: [emptyScenario()],
  };
}

export const draft = signal<Draft>(emptyDraft());

export function set(part: Partial<Draft>): void {
  draft.value = { ...draft.value, ...part };
}

export function setScenario(id: number, part: Partial<Scenario>): void {
  const scenarios = draft.value.scenarios.map((one) => (one.id === id ? { ...one, ...part } : one));
  set({ scenarios });
}

export function addChange(scenario: Scenario, kind: string): void {
  setScenario(scenario.id, { changes: [...scenario.changes, { id: next(), kind, values: {} }] });
}

export function setChange(scenario: Scenario, id: number, values: Values): void {
  const changes = scenario.changes.map((one) => (one.id === id ? { ...one, values } : one));
  setScenario(scenario.id, { changes });
}

/** With one field of a change set; what is empty is not said at all. */
export function having(values: Values, name: string, value: Value | null): Values {
  const others = Object.fromEntries(Object.entries(values).filter(([other]) => other !== name));
  return isEmpty(value) ? others : { ...others, [name]: value as Value };
}

function isEmpty(value: Value | null): boolean {
  if (value === null || value === "" || value === false) return true;
  if (typeof value === "number") return Number.isNaN(value);
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** What is sent. Scenarios without a name are called by their number. */
export function bodyOf(given: Draft): Shapes["StudyIn"] {
  const isLive = given.base === LIVE;
  return {
    name: given.name.trim() || say("What if", "情景研究"),
    base: given.base,
    ...(isLive && given.start !== "" ? { start: given.start } : {}),
    ...(isLive && given.days !== null ? { days: given.days } : {}),
    ...(isLive && given.policy !== "" ? { policy: given.policy } : {}),
    seeds: given.seeds,
    iterations: given.iterations,
    scenarios: given.scenarios.map((scenario, number) => ({
      name: scenario.name.trim() || say(`Scenario ${number + 1}`, `情景 ${number + 1}`),
      changes: scenario.changes.map(({ kind, values }) => ({ change: kind, ...values })),
    })),
  };
}

/** A study that was made before, to be changed and made again. */
export function draftOf(study: Shapes["Study"]): Draft {
  const { asked } = study.facts;
  return {
    ...emptyDraft(),
    name: asked.name,
    base: asked.base,
    seeds: asked.seeds,
    iterations: asked.iterations,
    scenarios: study.scenarios.map((written) => {
      const { name, changes } = written as { name: string; changes: Record<string, Value>[] };
      return { id: next(), name, changes: changes.map(changeOf) };
    }),
  };
}

function changeOf(written: Record<string, Value>): Change {
  const { change, ...fields } = written;
  let values: Values = {};
  for (const [name, value] of Object.entries(fields)) values = having(values, name, value);
  return { id: next(), kind: String(change), values };
}
