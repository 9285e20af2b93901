/** Station by station: clocks with bars, first-time fix, complaints, what waits, use and overtime. */
import { say } from "../common/language";
import type { Shapes } from "../common/api";
import { Difference } from "./Headline";
import { difference, percent, recordedDays, share, workOf, type Figures } from "./sums";
import { clockName, hours, stationName } from "./words";

export function Stations({ figures }: { figures: Figures }) {
  const days = recordedDays(figures);
  const total = figures.spans.at(-1)?.clocks ?? [];
  const shown = figures.stations.filter(
    (station) => station.station_id !== "" || isSomething(station),
  );
  return (
    <section aria-labelledby="stations">
      <h2 id="stations">{say("By station", "按服务站")}</h2>
      <div class="scrolls" tabIndex={0} role="group" aria-labelledby="stations">
        <table class="stations">
          <thead>
            <tr>
              <th>{say("station", "服务站")}</th>
              {total.map(({ clock }) => (
                <th key={clock} class="bars">
                  {clockName(clock)}
                </th>
              ))}
              <th class="number">{say("first-time fix", "一次修复率")}</th>
              <th class="number">{say("complaints", "投诉")}</th>
              <th class="number">{say("open", "未结")}</th>
              <th class="number">{say("nobody told", "未通知")}</th>
              <th class="number">{say("utilisation", "利用率")}</th>
              <th class="number">{say("overtime", "加班")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((station) => {
              const own = figures.loads.filter((one) => one.station_id === station.station_id);
              return <Row key={station.station_id} station={station} work={workOf(own, days)} />;
            })}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{say("all", "合计")}</th>
              {total.map((clock) => (
                <Bar key={clock.clock} clock={clock} />
              ))}
              <td class="number">
                {percent(share(figures.done.first_time ?? 0, figures.done.repaired ?? 0))}
              </td>
              <td class="number">{figures.done.complaints}</td>
              <td class="number">{sum(figures.stations.map((one) => one.waiting))}</td>
              <td class="number">{sum(figures.stations.map((one) => one.unassigned))}</td>
              <Work work={workOf(figures.loads, days)} />
            </tr>
          </tfoot>
        </table>
      </div>
    </section>
  );
}

function Row({
  station,
  work,
}: {
  station: Shapes["StationFigures"];
  work: ReturnType<typeof workOf>;
}) {
  return (
    <tr data-station={station.station_id}>
      <th scope="row">{stationName(station.station_id)}</th>
      {station.clocks.map((clock) => (
        <Bar key={clock.clock} clock={clock} />
      ))}
      <td class="number">
        {percent(share(station.done.first_time ?? 0, station.done.repaired ?? 0))}
      </td>
      <td class="number">{station.done.complaints}</td>
      <td class="number">{station.waiting}</td>
      <td class="number">{station.unassigned}</td>
      <Work work={work} />
    </tr>
  );
}

function Work({ work }: { work: ReturnType<typeof workOf> }) {
  return (
    <>
      <td class="number">{percent(share(work.worked, work.regular), 0)}</td>
      <td class="number">{work.regular + work.worked === 0 ? "–" : hours(work.overtime)}</td>
    </>
  );
}

/** What was kept is the filled part; what was late, the rest. */
function Bar({ clock }: { clock: Shapes["ClockShare"] }) {
  const value = share(clock.kept, clock.counted);
  return (
    <td class="bars">
      <div class="of-clock">
        <span class="value">{percent(value)}</span>
        <span class="bar" aria-hidden="true">
          {value !== null && <span style={{ width: `${value * 100}%` }} />}
        </span>
        <span class="quiet count">{clock.counted}</span>
        <span class="change">
          <Difference points={difference(clock)} />
        </span>
      </div>
    </td>
  );
}

function isSomething(station: Shapes["StationFigures"]): boolean {
  return station.waiting > 0 || station.clocks.some((clock) => clock.counted > 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
