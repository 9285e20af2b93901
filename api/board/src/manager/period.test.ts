import { expect, test } from "vitest";
import { daysOf, mondayOf, monthsOf, plusDays, readChoice, writtenChoice } from "./period";

const ALL = { preset: null, days: null, territory: null };

test("days are counted over months, years and clock changes", () => {
  expect(plusDays("2026-02-28", 1)).toBe("2026-03-01");
  expect(plusDays("2026-01-01", -1)).toBe("2025-12-31");
  expect(mondayOf("2026-09-27")).toBe("2026-09-21");
  expect(mondayOf("2026-09-28")).toBe("2026-09-28");
});

test("a period ends today, last month on its last day", () => {
  const today = "2026-03-15";
  expect(daysOf({ ...ALL, preset: "30d" }, today)).toEqual({ from: "2026-02-14", until: today });
  expect(daysOf({ ...ALL, preset: "month" }, today)).toEqual({ from: "2026-03-01", until: today });
  expect(daysOf({ ...ALL, preset: "last-month" }, today)).toEqual({
    from: "2026-02-01",
    until: "2026-02-28",
  });
});

test("the address says what was chosen, and nothing of what is usual", () => {
  for (const search of [
    "",
    "?period=90d",
    "?period=month&territory=%E6%B2%88%E9%98%B3",
    "?from=2026-09-01&until=2026-09-10",
  ]) {
    expect(writtenChoice(readChoice(search))).toBe(search);
  }
});

test("what makes no sense in an address is the usual period", () => {
  for (const search of [
    "?period=century",
    "?from=2026-09-10&until=2026-09-01",
    "?from=x&until=y",
  ]) {
    expect(readChoice(search).preset).toBe("30d");
  }
});

test("a report has all months that are touched", () => {
  expect(monthsOf({ from: "2026-08-31", until: "2026-09-29" })).toEqual({
    first: "2026-08",
    last: "2026-09",
  });
});
