/** Who worked beyond the end of the shift most. */
import { say } from "../common/language";
import { recordedDays, workOf, type Figures } from "./sums";
import { definition, hours, stationName } from "./words";

const SHOWN = 10;

export function Overtime({ figures }: { figures: Figures }) {
  const days = recordedDays(figures);
  const most = figures.loads
    .map((load) => ({ load, seconds: workOf([load], days).overtime }))
    .filter(({ seconds }) => seconds > 0)
    .sort((a, b) => b.seconds - a.seconds);
  const longest = most[0]?.seconds ?? 1;
  return (
    <section aria-labelledby="overtime">
      <h2 id="overtime">{say("Overtime", "加班")}</h2>
      {most.length === 0 ? (
        <p>{say("None on these days.", "这些日期无加班。")}</p>
      ) : (
        <table>
          <tbody>
            {most.slice(0, SHOWN).map(({ load, seconds }) => (
              <tr key={load.technician_id}>
                <th scope="row">
                  {load.technician} <span class="quiet">{stationName(load.station_id)}</span>
                </th>
                <td class="bars">
                  <span class="bar" aria-hidden="true">
                    <span style={{ width: `${(100 * seconds) / longest}%` }} />
                  </span>
                </td>
                <td class="number">{hours(seconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {most.length > SHOWN && (
        <p class="quiet">
          {say(
            `and ${most.length - SHOWN} others with less`,
            `另有 ${most.length - SHOWN} 人加班较少`,
          )}
        </p>
      )}
      <p class="definition">{definition("overtime")}</p>
    </section>
  );
}
