import { expect, test } from "vitest";
import type { Shapes } from "../common/api";
import {
  bodyOf,
  draftOf,
  emptyDraft,
  having,
  isReady,
  newQuantity,
  valuesOf,
  type Quantity,
} from "./draft";

test("what is empty is not said", () => {
  expect(having({ like: "T1", count: 2 }, "count", Number.NaN)).toEqual({ like: "T1" });
  expect(having({ technicians: ["T1"] }, "technicians", [])).toEqual({});
  expect(having({}, "units", 0)).toEqual({ units: 0 });
});

const ASKED = { name: "people", base: "live", seeds: 3, iterations: 50 };
const KEPT = { start: "2026-09-29", days: 2, policy: "balanced", sweep: [], suggest: null };

test("a study made before is sent again as it was", () => {
  const study = {
    facts: { asked: ASKED },
    ...KEPT,
    scenarios: [
      {
        name: "one more",
        changes: [{ change: "hire", like: "T1", count: 1, station: null, territories: [] }],
      },
    ],
  } as unknown as Shapes["Study"];
  expect(bodyOf(draftOf(study))).toEqual({
    ...ASKED,
    start: "2026-09-29",
    days: 2,
    policy: "balanced",
    scenarios: [{ name: "one more", changes: [{ change: "hire", like: "T1", count: 1 }] }],
  });
});

test("so are a sweep and measures, without scenarios that change nothing", () => {
  const sweep = [
    { change: { change: "hire", like: "T1" }, vary: "count", values: [0, 2], yuan: 9 },
    { change: { change: "overtime" }, vary: "minutes", values: [0, 60], yuan: 0 },
  ];
  const suggest = {
    target: { clock: "arrive", percent: 90, hours: null },
    measures: [{ change: { change: "overtime", minutes: 60 }, yuan: 5 }],
  };
  const swept = { facts: { asked: { ...ASKED, kind: "sweep" } }, ...KEPT, scenarios: [], sweep };
  const sent = bodyOf(draftOf(swept as unknown as Shapes["Study"]));
  expect(sent).toMatchObject({ kind: "sweep", scenarios: [], sweep });
  expect(sent).not.toHaveProperty("suggest");
  const searched = {
    facts: { asked: { ...ASKED, kind: "suggest" } },
    ...KEPT,
    scenarios: [],
    suggest: { ...suggest, measures: [{ ...suggest.measures[0], vary: null, values: [] }] },
  };
  const again = bodyOf(draftOf(searched as unknown as Shapes["Study"]));
  expect(again).toMatchObject({ kind: "suggest", suggest });
});

test("values are read however they are parted", () => {
  const read = (values: string) => valuesOf({ ...newQuantity("hire", "count"), values });
  expect(read("0, 1，2、3 2")).toEqual([0, 1, 2, 3]);
  expect(read("1.5; x")).toEqual([1.5]);
  const empty = newQuantity("hire", "count");
  const ready = (...sweep: Quantity[]) => isReady({ ...emptyDraft(), kind: "sweep", sweep });
  const typed = { ...empty, values: "0, 1" };
  expect([ready(), ready(typed, empty), ready(typed, typed)]).toEqual([false, false, true]);
});

test("days and policy are of what is so now only", () => {
  const given = { ...emptyDraft(), days: 3, policy: "balanced", start: "2026-09-29" };
  expect(bodyOf(given)).toMatchObject({ days: 3, policy: "balanced", start: "2026-09-29" });
  expect(bodyOf({ ...given, base: "7" })).not.toHaveProperty("days");
});
