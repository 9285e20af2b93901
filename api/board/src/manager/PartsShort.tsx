/** Parts of which open work needs more than the station has. */
import { say } from "../common/language";
import { dayAndTime } from "../common/time";
import type { Figures } from "./sums";
import { definition, stationName } from "./words";

export function PartsShort({ figures }: { figures: Figures }) {
  return (
    <section aria-labelledby="parts" class="parts-short">
      <h2 id="parts">{say("Parts short", "缺料")}</h2>
      {figures.parts_short.length === 0 ? (
        <p>{say("Stations have what their open work needs.", "各站备件满足未结任务所需。")}</p>
      ) : (
        <div class="scrolls" tabIndex={0} role="group" aria-labelledby="parts">
          <table>
            <thead>
              <tr>
                <th>{say("part", "备件")}</th>
                <th class="number">{say("short", "缺")}</th>
                <th class="number">{say("needed", "需")}</th>
                <th class="number">{say("free", "可用")}</th>
                <th>{say("to come", "在途")}</th>
                <th class="number">{say("elsewhere", "他站可用")}</th>
              </tr>
            </thead>
            <tbody>
              {figures.parts_short.map((line) => (
                <tr key={`${line.station_id} ${line.part_id}`} data-part={line.part_id}>
                  <th scope="row">
                    {line.part}
                    <br />
                    <span class="quiet">{stationName(line.station_id)}</span>
                  </th>
                  <td class="number">
                    <strong>{line.needed - line.free}</strong>
                  </td>
                  <td class="number">{line.needed}</td>
                  <td class="number">{line.free}</td>
                  <td>
                    {line.to_come === 0 || line.next_at === null ? (
                      <span class="quiet">–</span>
                    ) : (
                      `${line.to_come} · ${dayAndTime(Date.parse(line.next_at))}`
                    )}
                  </td>
                  <td class="number">{line.elsewhere}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p class="definition">{definition("parts_short")}</p>
    </section>
  );
}
