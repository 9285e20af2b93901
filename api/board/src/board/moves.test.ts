import { expect, test } from "vitest";
import { isShort, placeAt } from "./moves";
import { type Board, seats, shown } from "./store";

const ZERO = "2026-09-29T00:00:00+08:00";
const at = (hour: number) => Date.parse(ZERO) + hour * 3_600_000;

function stop(visitId: string, hour: number, parts = {}) {
  return { visit_id: visitId, start: hour * 3600, end: (hour + 1) * 3600, parts };
}

function route(id: string, ...stops: ReturnType<typeof stop>[]) {
  return { technician_id: id, shift_id: `${id}-1`, depart: 0, finish: 0, stops };
}

shown.value = {
  etag: "",
  board: {
    zero_at: ZERO,
    state: "draft",
    technicians: ["T1", "T2", "T3"].map((id) => ({
      id,
      shifts: [{ id: `${id}-1`, start_at: ZERO, end_at: "2026-09-29T18:00:00+08:00" }],
    })),
    routes: [
      route("T1", stop("A", 9), stop("C", 11)),
      route("T2", stop("B", 8), stop("C", 11, { camera: 1 })),
    ],
    visits: { A: {}, B: {}, C: { crew_size: 2 }, D: { crew_size: 2 } },
    unassigned: ["D"],
  } as unknown as Board,
};

test("who brings the parts of a crew stands first", () => {
  expect(seats.value.get("C")).toMatchObject({ technicianIds: ["T2", "T1"], shiftId: "T2-1" });
});

test("of a crew only the member that is held is changed, and the leader's day is what counts", () => {
  const moved = (from: string, to: string, hour: number) =>
    placeAt({ visitId: "C", from: { rowId: from, at: at(11) } }, { rowId: to, at: at(hour) });
  expect(moved("T1", "T3", 11)).toEqual({
    technicianIds: ["T2", "T3"],
    shiftId: "T2-1",
    position: 2,
  });
  expect(moved("T2", "T3", 11)).toMatchObject({ technicianIds: ["T3", "T1"], shiftId: "T3-1" });
  expect(moved("T1", "T1", 7)).toMatchObject({ technicianIds: ["T2", "T1"], position: 1 });
  expect(moved("T1", "T2", 11)).toMatchObject({ technicianIds: ["T2", "T1"] });
});

test("a crew from the waiting list begins with whom it is dropped on", () => {
  const place = placeAt({ visitId: "D", from: null }, { rowId: "T1", at: at(10) });
  expect(place).toEqual({ technicianIds: ["T1"], shiftId: "T1-1", position: 2 });
  expect(isShort("D", place)).toBe(true);
  expect(isShort("A", place)).toBe(false);
});
