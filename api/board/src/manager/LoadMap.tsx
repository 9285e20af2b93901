/** Who is busy when: utilisation by technician and day, station by station. */
import { useSignal } from "@preact/signals";
import { say } from "../common/language";
import {
  byStationOf,
  columnsOf,
  percent,
  recordedDays,
  share,
  workOf,
  type Column,
  type Figures,
  type Load,
} from "./sums";
import { definition, hours, shortDay, stationName, weekday } from "./words";

/** With more technicians than that, stations are folded. */
const MOST_ROWS = 30;
const LEVELS = [0.15, 0.35, 0.55, 0.75, 0.9, 1.05];

export function LoadMap({ figures }: { figures: Figures }) {
  const columns = columnsOf(figures.load_days, figures.today);
  const summed = recordedDays(figures);
  const byStation = byStationOf(figures.loads);
  const folded = figures.loads.length > MOST_ROWS;
  const byWeek = columns.some((column) => column.indexes.length > 1);
  return (
    <section aria-labelledby="load" class="load">
      <h2 id="load">
        {say("Utilisation", "工时利用率")}{" "}
        <span class="quiet">
          {byWeek
            ? say("% of regular hours, by week", "占常规工时 %，按周")
            : say("% of regular hours, by day", "占常规工时 %，按日")}
        </span>
      </h2>
      {figures.loads.length === 0 ? (
        <p>{say("Nobody works here.", "没有技术员。")}</p>
      ) : (
        <div class="scrolls" tabIndex={0} role="group" aria-labelledby="load">
          <table class="heat">
            <thead>
              <tr>
                <th>{say("technician", "技术员")}</th>
                {columns.map((column) => (
                  <Heading key={column.begin} column={column} />
                ))}
                <th class="number">{say("all", "合计")}</th>
                <th class="number">{say("overtime", "加班")}</th>
              </tr>
            </thead>
            {[...byStation].map(([stationId, loads]) => (
              <Station
                key={`${stationId} ${folded}`}
                stationId={stationId}
                loads={loads}
                columns={columns}
                summed={summed}
                open={!folded}
              />
            ))}
          </table>
        </div>
      )}
      <p class="definition">
        {say("Columns with a dashed top are planned.", "虚线顶边的列为计划。")}{" "}
        {definition("utilisation")}
      </p>
    </section>
  );
}

function Heading({ column }: { column: Column }) {
  return (
    <th class={column.planned ? "cell planned" : "cell"} title={column.begin}>
      <span class="quiet">{column.indexes.length > 1 ? "" : weekday(column.begin)}</span>
      <br />
      {column.indexes.length > 1 ? shortDay(column.begin) : Number(column.begin.slice(8))}
    </th>
  );
}

interface StationProps {
  stationId: string;
  loads: readonly Load[];
  columns: readonly Column[];
  /** The days that count in sums: those that are over or under way, as in the other tables. */
  summed: readonly number[];
  open: boolean;
}

function Station({ stationId, loads, columns, summed, open }: StationProps) {
  const isOpen = useSignal(open);
  return (
    <tbody>
      <tr class="of-station">
        <th scope="row">
          <button
            type="button"
            class="plain"
            aria-expanded={isOpen.value}
            onClick={() => {
              isOpen.value = !isOpen.value;
            }}
          >
            <span aria-hidden="true">{isOpen.value ? "▾" : "▸"}</span> {stationName(stationId)}{" "}
            <span class="quiet">{loads.length}</span>
          </button>
        </th>
        <Cells loads={loads} columns={columns} summed={summed} />
      </tr>
      {isOpen.value &&
        loads.map((load) => (
          <tr key={load.technician_id} data-technician={load.technician_id}>
            <th scope="row">{load.technician}</th>
            <Cells loads={[load]} columns={columns} summed={summed} />
          </tr>
        ))}
    </tbody>
  );
}

function Cells({ loads, columns, summed }: Omit<StationProps, "stationId" | "open">) {
  const all = workOf(loads, summed);
  return (
    <>
      {columns.map((column) => {
        const work = workOf(loads, column.indexes);
        const value = share(work.worked, work.regular);
        const level = value === null ? 0 : LEVELS.filter((one) => value >= one).length;
        return (
          <td
            key={column.begin}
            class={`cell level${level}`}
            title={work.overtime > 0 ? `${say("overtime", "加班")} ${hours(work.overtime)}` : ""}
          >
            {value === null ? (work.worked > 0 ? "+" : "") : Math.floor(value * 100 + 1e-9)}
          </td>
        );
      })}
      <td class="number">{percent(share(all.worked, all.regular), 0)}</td>
      <td class="number">{all.overtime === 0 ? "–" : hours(all.overtime)}</td>
    </>
  );
}
