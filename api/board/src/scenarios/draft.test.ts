import { expect, test } from "vitest";
import type { Shapes } from "../common/api";
import { bodyOf, draftOf, emptyDraft, having } from "./draft";

test("what is empty is not said", () => {
  expect(having({ like: "T1", count: 2 }, "count", Number.NaN)).toEqual({ like: "T1" });
  expect(having({ technicians: ["T1"] }, "technicians", [])).toEqual({});
  expect(having({}, "units", 0)).toEqual({ units: 0 });
});

test("a study made before is sent again as it was", () => {
  const study = {
    facts: { asked: { name: "people", base: "published", seeds: 3, iterations: 50 } },
    scenarios: [
      {
        name: "one more",
        changes: [{ change: "hire", like: "T1", count: 1, station: null, territories: [] }],
      },
    ],
  } as unknown as Shapes["Study"];
  expect(bodyOf(draftOf(study))).toEqual({
    name: "people",
    base: "published",
    seeds: 3,
    iterations: 50,
    scenarios: [{ name: "one more", changes: [{ change: "hire", like: "T1", count: 1 }] }],
  });
});

test("days and policy are of what is so now only", () => {
  const given = { ...emptyDraft(), days: 3, policy: "balanced", start: "2026-09-29" };
  expect(bodyOf(given)).toMatchObject({ days: 3, policy: "balanced", start: "2026-09-29" });
  expect(bodyOf({ ...given, base: "7" })).not.toHaveProperty("days");
});
