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

/** A change of which one field takes several values; of a measure `vary` may be empty: one size. */
export interface Quantity {
  change: Change;
  vary: string;
  /** As they are typed: 0, 1, 2. */
  values: string;
  yuan: number;
}

export interface Target {
  clock: Shapes["ClockKind"];
  percent: number;
  hours: number | null;
}

export type Kind = Shapes["StudyKind"];

export interface Draft {
  kind: Kind;
  name: string;
  base: string;
  start: string;
  days: number | null;
  policy: string;
  seeds: number;
  iterations: number;
  /** Of other kinds than comparisons only the first counts: what is changed before. */
  scenarios: readonly Scenario[];
  /** One or two. */
  sweep: readonly Quantity[];
  target: Target;
  measures: readonly Quantity[];
}

const USUAL_TARGET: Target = { clock: "arrive", percent: 95, hours: null };
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
    kind: "compare",
    name: "",
    base: LIVE,
    start: "",
    days: null,
    policy: "",
    seeds: SEEDS,
    iterations: ITERATIONS,
    scenarios: [emptyScenario()],
    sweep: [],
    target: USUAL_TARGET,
    measures: [],
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

export function newQuantity(kind: string, vary: string): Quantity {
  return { change: { id: next(), kind, values: {} }, vary, values: "", yuan: 0 };
}

/** The numbers that are typed, each once. */
export function valuesOf(quantity: Quantity): readonly number[] {
  const typed = quantity.values.split(/[\s,;，、；]+/).filter((one) => one !== "");
  return [...new Set(typed.map(Number).filter((one) => !Number.isNaN(one)))];
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

/** Whether there is what a study of its kind is about. */
export function isReady(given: Draft): boolean {
  switch (given.kind) {
    case "compare":
      return given.scenarios.every((one) => one.changes.length > 0);
    case "sweep":
      return given.sweep.length > 0 && given.sweep.every((one) => valuesOf(one).length > 1);
    case "suggest":
      return (
        given.measures.length > 0 &&
        given.measures.every((one) => one.vary === "" || valuesOf(one).length > 0)
      );
    case "bottlenecks":
      return true;
  }
}

/** What is sent. Scenarios without a name are called by their number. */
export function bodyOf(given: Draft): Shapes["StudyIn"] {
  const { kind } = given;
  const isLive = given.base === LIVE;
  const scenarios =
    kind === "compare"
      ? given.scenarios
      : given.scenarios.slice(0, 1).filter((one) => one.changes.length > 0);
  return {
    name: given.name.trim() || say("What if", "情景研究"),
    ...(kind === "compare" ? {} : { kind }),
    base: given.base,
    ...(isLive && given.start !== "" ? { start: given.start } : {}),
    ...(isLive && given.days !== null ? { days: given.days } : {}),
    ...(isLive && given.policy !== "" ? { policy: given.policy } : {}),
    seeds: given.seeds,
    iterations: given.iterations,
    scenarios: scenarios.map((scenario, number) => ({
      name: scenario.name.trim() || say(`Scenario ${number + 1}`, `情景 ${number + 1}`),
      changes: scenario.changes.map(written),
    })),
    ...(kind === "sweep" ? { sweep: given.sweep.map(sized) } : {}),
    ...(kind === "suggest"
      ? { suggest: { target: given.target, measures: given.measures.map(measured) } }
      : {}),
  };
}

function written({ kind, values }: Change): Record<string, Value> {
  return { change: kind, ...values };
}

function sized(given: Quantity): Shapes["AxisIn"] {
  const { change, vary, yuan } = given;
  return { change: written(change), vary, values: [...valuesOf(given)], yuan };
}

function measured(given: Quantity): Shapes["MeasureIn"] {
  const { change, yuan } = given;
  return given.vary === "" ? { change: written(change), yuan } : { ...sized(given), yuan };
}

/** A study that was made before, to be changed and made again. */
export function draftOf(study: Shapes["Study"]): Draft {
  const { asked } = study.facts;
  const scenarios = study.scenarios.map((one) => {
    const { name, changes } = one as { name: string; changes: Record<string, Value>[] };
    return { id: next(), name, changes: changes.map(changeOf) };
  });
  const suggest = study.suggest as { target: Target; measures: WrittenQuantity[] } | null;
  return {
    kind: asked.kind ?? "compare",
    name: asked.name,
    base: asked.base,
    start: study.start ?? "",
    days: study.days,
    policy: study.policy ?? "",
    seeds: asked.seeds,
    iterations: asked.iterations,
    scenarios: scenarios.length > 0 ? scenarios : [emptyScenario()],
    sweep: study.sweep.map((one) => quantityOf(one as unknown as WrittenQuantity)),
    target: suggest?.target ?? USUAL_TARGET,
    measures: (suggest?.measures ?? []).map(quantityOf),
  };
}

/** A quantity as the server keeps it. */
export interface WrittenQuantity {
  change: Record<string, Value>;
  vary: string | null;
  values: readonly number[];
  yuan: number;
}

function quantityOf({ change, vary, values, yuan }: WrittenQuantity): Quantity {
  return { change: changeOf(change), vary: vary ?? "", values: values.join(", "), yuan };
}

function changeOf(kept: Record<string, Value>): Change {
  const { change, ...fields } = kept;
  let values: Values = {};
  for (const [name, value] of Object.entries(fields)) values = having(values, name, value);
  return { id: next(), kind: String(change), values };
}
