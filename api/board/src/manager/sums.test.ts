import { expect, test } from "vitest";
import { plusDays } from "./period";
import { columnsOf, difference, percent, share, trendOf, workOf } from "./sums";

test("shares are rounded down, so that 100 % means all", () => {
  expect(percent(share(9999, 10000))).toBe("99.9 %");
  expect(percent(share(3, 3))).toBe("100.0 %");
  expect(percent(share(57, 100))).toBe("57.0 %");
  expect(percent(share(0, 0))).toBe("–");
});

test("a difference is in points, and none without a span before", () => {
  const clock = {
    clock: "arrive" as const,
    counted: 10,
    kept: 9,
    before_counted: 4,
    before_kept: 2,
  };
  expect(difference(clock)).toBeCloseTo(40);
  expect(difference({ ...clock, before_counted: 0, before_kept: 0 })).toBeNull();
});

test("the trend weighs days by what was due on them", () => {
  const byDay = [
    { day: "2026-09-01", clock: "arrive" as const, counted: 1, kept: 0 },
    { day: "2026-09-03", clock: "arrive" as const, counted: 9, kept: 9 },
    { day: "2026-09-03", clock: "respond" as const, counted: 5, kept: 0 },
  ];
  const points = trendOf(byDay, "arrive", "2026-09-01", "2026-09-09");
  expect(points.map((point) => point.share)).toEqual([0, null, 1, ...Array(6).fill(null)]);
  expect(points[2]?.trend).toBeCloseTo(0.9);
  expect(points[7]?.trend).toBe(1); // the first of September is no longer one of seven days
});

test("many days become weeks, and a week with a day that is over is not planned", () => {
  const days = Array.from({ length: 60 }, (_, n) => plusDays("2026-08-01", n));
  const weeks = columnsOf(days, "2026-09-23");
  expect(weeks[0]).toEqual({ begin: "2026-07-27", indexes: [0, 1], planned: false });
  expect(weeks.flatMap((week) => week.indexes)).toEqual(days.map((_, n) => n));
  expect(weeks.filter((week) => week.planned).map((week) => week.begin)).toEqual(["2026-09-28"]);
  expect(columnsOf(days.slice(0, 45), "2026-09-23")).toHaveLength(45);
});

test("work is summed over technicians and days", () => {
  const load = {
    technician_id: "T1",
    technician: "T1",
    station_id: "S1",
    regular_s: [8, 8],
    worked_s: [4, 6],
    overtime_s: [0, 1],
  };
  expect(workOf([load, load], [1])).toEqual({ regular: 16, worked: 12, overtime: 2 });
});
