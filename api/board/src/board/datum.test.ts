import { expect, test } from "vitest";
import { toGcj02 } from "./datum";

// As dispatch/datum.py gives them.
test.each([
  [41.8, 123.4, 41.80244637653107, 123.40614654662815],
  [26.6, 106.7, 26.596455523670052, 106.70374290059544],
  [38.91, 121.6, 38.91076874104204, 121.60493855042529],
])("the shift of %d, %d is that of the server", (latitude, longitude, north, east) => {
  const shifted = toGcj02({ latitude, longitude });
  expect(shifted.latitude).toBeCloseTo(north, 9);
  expect(shifted.longitude).toBeCloseTo(east, 9);
});

test("outside of China both datums are the same", () => {
  const point = { latitude: 48.2, longitude: 16.4 };
  expect(toGcj02(point)).toEqual(point);
});
