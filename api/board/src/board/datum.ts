/**
 * From WGS-84, which the API speaks, to GCJ-02, which Chinese maps are drawn in: the published
 * formulas, as in `dispatch/datum.py`.
 */
export interface Degrees {
  latitude: number;
  longitude: number;
}

const AXIS_M = 6_378_245;
const ECCENTRICITY_2 = 0.006693421622965943;
const NORTH_SOUTH = [0.8293, 55.8271] as const;
const WEST_EAST = [72.004, 137.8347] as const;

export function toGcj02(point: Degrees): Degrees {
  const { latitude, longitude } = point;
  const isInside =
    latitude >= NORTH_SOUTH[0] &&
    latitude <= NORTH_SOUTH[1] &&
    longitude >= WEST_EAST[0] &&
    longitude <= WEST_EAST[1];
  if (!isInside) return point;
  const [northM, eastM] = shiftM(longitude - 105, latitude - 35);
  const phi = (latitude * Math.PI) / 180;
  const flatness = 1 - ECCENTRICITY_2 * Math.sin(phi) ** 2;
  const meridian = (AXIS_M * (1 - ECCENTRICITY_2)) / (flatness * Math.sqrt(flatness));
  const parallel = (AXIS_M / Math.sqrt(flatness)) * Math.cos(phi);
  return {
    latitude: latitude + ((northM / meridian) * 180) / Math.PI,
    longitude: longitude + ((eastM / parallel) * 180) / Math.PI,
  };
}

/** Metres north and east, `x` and `y` degrees east and north of 105° E 35° N. */
function shiftM(x: number, y: number): [number, number] {
  const wave = (amount: number, of: number) => amount * Math.sin(of * Math.PI);
  const common = ((wave(20, 6 * x) + wave(20, 2 * x)) * 2) / 3;
  const root = Math.sqrt(Math.abs(x));
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * root +
    common +
    ((wave(20, y) + wave(40, y / 3) + wave(160, y / 12) + wave(320, y / 30)) * 2) / 3;
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * root +
    common +
    ((wave(20, x) + wave(40, x / 3) + wave(150, x / 12) + wave(300, x / 30)) * 2) / 3;
  return [north, east];
}
