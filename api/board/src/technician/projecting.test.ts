import { describe, expect, it } from "vitest";
import { currentVisit, mayJoin, otherSteps, standingOf, usualNext, type Visit } from "./projecting";
import type { Queued } from "./store";

const STEPS = [
  ["published", "departed", "under_way"],
  ["published", "arrived", "on_site"],
  ["under_way", "arrived", "on_site"],
  ["on_site", "no_finding", "on_site"],
  ["on_site", "repaired", "repaired"],
  ["repaired", "run_in_started", "run_in"],
  ["run_in", "repaired", "repaired"],
  ["run_in", "run_in_ended", "ran_in"],
  ["ran_in", "signed_off", "signed_off"],
].map(([start, kind, end]) => ({ start, kind, end }));

function visit(fields: Partial<Visit> = {}): Visit {
  const made = { visit_id: "V1", state: "published", steps: STEPS, run_in_at: null };
  return { ...made, arrived_at: null, crew: [], run_in_s: 18_000, ...fields } as Visit;
}

function queued(kind: string, fields: Partial<Queued> = {}): Queued {
  const body = { id: kind, kind, visit_id: "V1", happened_at: "2026-09-29T01:00:00Z", note: "" };
  return { body, state: "waiting", technicianId: "T1", workOrderId: "W1", ...fields } as Queued;
}

describe("how far a visit is", () => {
  it("goes on by what waits to be sent", () => {
    const standing = standingOf(visit(), [queued("departed"), queued("arrived")]);
    expect(standing.state).toBe("on_site");
    expect(standing.possible).toEqual(["no_finding", "repaired"]);
    expect(usualNext(standing)).toBe("repaired");
  });

  it("is not moved by what the server knows already, or did not take", () => {
    expect(standingOf(visit({ state: "on_site" }), [queued("departed")]).state).toBe("on_site");
    expect(standingOf(visit(), [queued("departed", { state: "refused" })]).state).toBe("published");
  });

  it("knows when the run-in began, as long as it goes on", () => {
    const began = [queued("run_in_started")];
    const running = standingOf(visit({ state: "repaired" }), began);
    expect(running.runInMs).toBe(Date.parse("2026-09-29T01:00:00Z"));
    expect(usualNext(running)).toBe("run_in_ended");
    const again = standingOf(visit({ state: "repaired" }), [...began, queued("repaired")]);
    expect(again.runInMs).toBeNull();
    expect(usualNext(again)).toBe("run_in_started");
  });

  it("goes back by what was undone, whether the server had heard of it or not", () => {
    const before = { state: "under_way", runInMs: null, isHere: false };
    const undo = queued("arrived", { withdrawal: { before } as NonNullable<Queued["withdrawal"]> });
    const unheard = [queued("departed"), queued("arrived"), undo];
    expect(standingOf(visit(), unheard).state).toBe("under_way");
    const there = visit({ state: "on_site", arrived_at: "2026-09-29T01:00:00Z" });
    const heard = standingOf(there, [undo]);
    expect([heard.state, heard.isHere]).toEqual(["under_way", false]);
    expect(standingOf(there, [{ ...undo, state: "refused" }]).state).toBe("on_site");
    const again = queued("arrived");
    again.body = { ...again.body, id: "again" };
    expect(standingOf(there, [undo, again])).toMatchObject({ state: "on_site", isHere: true });
  });

  it("offers to arrive to whoever of a crew is not there yet", () => {
    const crew = [{ technician_id: "T2", name: "B", arrived_at: "2026-09-29T01:00:00Z" }];
    const other = visit({ state: "on_site", crew });
    expect(mayJoin(other, standingOf(other, []))).toBe(true);
    expect(mayJoin(other, standingOf(other, [queued("arrived")]))).toBe(false);
    const alone = visit({ state: "on_site" });
    expect(mayJoin(alone, standingOf(alone, []))).toBe(false);
  });

  it("offers no run-in where none is asked for", () => {
    const signing = [...STEPS, { start: "repaired", kind: "signed_off", end: "signed_off" }];
    const plain = visit({ state: "repaired", run_in_s: 0, steps: signing as Visit["steps"] });
    const standing = standingOf(plain, []);
    expect(usualNext(standing)).toBe("signed_off");
    expect(otherSteps(plain, standing)).toEqual([]);
  });

  it("puts what somebody is busy with before what is planned earlier", () => {
    const stops = [visit(), visit({ visit_id: "V2", state: "under_way" })];
    const day = { stops: stops.map((one) => ({ visit: one })) } as never;
    expect(currentVisit(day, [])).toBe("V2");
  });
});
