/** The parts that the day knows of, by number. */
import { shown } from "./day";

export function partNames(): ReadonlyMap<string, string> {
  const stops = shown.value?.day.stops ?? [];
  return new Map(stops.flatMap((stop) => stop.parts.map(({ part_id, name }) => [part_id, name])));
}
