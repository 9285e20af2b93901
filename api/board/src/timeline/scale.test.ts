import { beforeAll, describe, expect, test } from "vitest";
import { HOUR_MS, timeZone } from "../common/time";
import { panned, Scale, snapped, zoomed } from "./scale";

const MIDNIGHT = Date.parse("2026-09-29T00:00:00+08:00");

beforeAll(() => {
  timeZone.value = "Asia/Shanghai";
});

describe("the scale", () => {
  const day = new Scale({ from: MIDNIGHT, to: MIDNIGHT + 24 * HOUR_MS }, 2400);

  test("goes from instants to pixels and back", () => {
    expect(day.x(MIDNIGHT + 6 * HOUR_MS)).toBe(600);
    expect(day.at(day.x(MIDNIGHT + 12345))).toBeCloseTo(MIDNIGHT + 12345, 3);
  });

  test("has a tick at local midnight, and never closer than they can be read", () => {
    const ticks = day.ticks();
    expect(ticks[0]).toEqual({ at: MIDNIGHT, isDay: true });
    expect(ticks).toHaveLength(48);
    const gaps = ticks.slice(1).map((tick, index) => day.x(tick.at) - day.x(ticks[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(46);
  });

  test("zooms around the pointer", () => {
    const view = { from: MIDNIGHT, to: MIDNIGHT + 12 * HOUR_MS };
    const around = MIDNIGHT + 3 * HOUR_MS;
    const nearer = zoomed(view, 0.5, around);
    expect(nearer.to - nearer.from).toBe(6 * HOUR_MS);
    expect((around - nearer.from) / (nearer.to - nearer.from)).toBeCloseTo(0.25);
  });

  test("pans without changing its length", () => {
    expect(panned({ from: 0, to: 10 }, 5)).toEqual({ from: 5, to: 15 });
  });

  test("snaps to five minutes", () => {
    expect(snapped(MIDNIGHT + 7 * 60_000 + 40_000)).toBe(MIDNIGHT + 10 * 60_000);
  });
});
