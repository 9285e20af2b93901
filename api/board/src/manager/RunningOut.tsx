/** What is overdue or runs out soon, the first that was due first, with how long that is. */
import { useSignal } from "@preact/signals";
import { say } from "../common/language";
import { clockTime, dayAndTime, duration, startOfDay } from "../common/time";
import { nowMs } from "./state";
import type { Figures } from "./sums";
import { clockName, definition, priorityName, stationName } from "./words";

const SHOWN = 8;
type Line = Figures["running_out"][number];

export function RunningOut({ figures }: { figures: Figures }) {
  const all = useSignal(false);
  // What can still be kept comes first: somebody may do something about it.
  const lines = [
    ...figures.running_out.filter((one) => one.state !== "broken"),
    ...figures.running_out.filter((one) => one.state === "broken"),
  ];
  const shown = all.value ? lines : lines.slice(0, SHOWN);
  return (
    <section aria-labelledby="running-out" class="running-out">
      <h2 id="running-out">{say("At risk now", "当前风险")}</h2>
      {lines.length === 0 ? (
        <p>{say("No clock is overdue or about to run out.", "没有超时或即将到期的时限。")}</p>
      ) : (
        <div class="scrolls" tabIndex={0} role="group" aria-labelledby="running-out">
          <table>
            <thead>
              <tr>
                <th>{say("clock", "时限")}</th>
                <th class="number">{say("left", "剩余")}</th>
                <th>{say("due", "到期")}</th>
                <th>{say("work order", "派工单")}</th>
                <th>{say("somebody comes", "上门时间")}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((line) => (
                <Row key={`${line.work_order_id} ${line.clock}`} line={line} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {lines.length > SHOWN && (
        <button
          type="button"
          class="no-print"
          aria-expanded={all.value}
          onClick={() => {
            all.value = !all.value;
          }}
        >
          {all.value ? say("Fewer", "收起") : say(`All ${lines.length}`, `全部 ${lines.length} 项`)}
        </button>
      )}
      {lines.length > shown.length && (
        <p class="paper">
          {say(
            `and ${lines.length - shown.length} more`,
            `另有 ${lines.length - shown.length} 项。`,
          )}
        </p>
      )}
      <p class="definition">{definition("running_out")}</p>
    </section>
  );
}

function Row({ line }: { line: Line }) {
  const leftS = (Date.parse(line.due_at) - nowMs.value) / 1000;
  const late = line.state === "broken" || leftS < 0;
  const name = line.visit_id ?? line.work_order_id;
  return (
    <tr>
      <td>
        <span class={`state ${late ? "broken" : "at_risk"}`}>{clockName(line.clock)}</span>
        <span class="unseen">{late ? say("overdue", "超时") : say("at risk", "有风险")}</span>
      </td>
      <td class="number">{duration(leftS)}</td>
      <td>{said(line.due_at)}</td>
      <td>
        {line.visit_id === null ? (
          name
        ) : (
          <a href={`./?visit=${encodeURIComponent(line.visit_id)}`}>{name}</a>
        )}{" "}
        {line.site}
        <br />
        <span class="quiet">
          {line.customer} · {stationName(line.station_id)}
          {line.priority !== "normal" && ` · ${priorityName(line.priority)}`}
        </span>
      </td>
      <td>
        {line.starts_at === null ? (
          <span class="quiet">{say("nobody told", "未通知")}</span>
        ) : (
          said(line.starts_at)
        )}
      </td>
    </tr>
  );
}

/** The time, with the day if it is not today. */
function said(at: string): string {
  const ms = Date.parse(at);
  return startOfDay(ms) === startOfDay(nowMs.value) ? clockTime(ms) : dayAndTime(ms);
}
