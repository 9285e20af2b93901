/** Why a visit is where it is: clocks, parts, who else could, what would help. */
import { useAnswer } from "../common/answer";
import { answered, api, type Shapes } from "../common/api";
import { say } from "../common/language";
import { complain } from "../common/notices";
import { me } from "../common/Signed";
import { clockTime, dayAndTime, duration, yuan } from "../common/time";
import { clockText, itemText, priorityText, ruleText } from "../common/words";
import { Life } from "./Life";
import { move } from "./moves";
import { clockState, marginText } from "./rows";
import {
  type Board,
  board,
  type BoardVisit,
  instant,
  mayChange,
  nameOf,
  seats,
  selected,
  shown,
} from "./store";

const MOST_OBSTACLES = 12;

export function Details({ whoCanGo }: { whoCanGo: (workOrderId: string) => void }) {
  const visitId = selected.value;
  const of = board.value;
  const visit = visitId === null ? undefined : of?.visits[visitId];
  if (of === null || visitId === null || visit === undefined) {
    return (
      <section class="details" aria-label={say("Details", "详情")}>
        <p class="quiet">
          {say("Choose a visit to see why it is where it is.", "选择任务以查看其安排原因。")}
        </p>
      </section>
    );
  }
  const site = of.sites[visit.site_id];
  return (
    <section class="details" aria-labelledby="details">
      <header>
        <h2 id="details">{site?.name ?? visitId}</h2>
        <button
          type="button"
          class="plain"
          aria-label={say("Close", "关闭")}
          onClick={() => {
            selected.value = null;
          }}
        >
          ×
        </button>
      </header>
      <p class="quiet">
        {visitId} · {visit.work_order_id} · {site?.customer}
      </p>
      <Facts of={of} visitId={visitId} visit={visit} />
      <p class="buttons">
        {mayAssign() && (
          <button type="button" onClick={() => whoCanGo(visit.work_order_id)}>
            {say("Who can go?", "谁能去？")}
          </button>
        )}
        {mayChange.value && seats.value.has(visitId) && (
          <button type="button" onClick={() => void move({ visitId, place: null })}>
            {say("Take out of the plan", "移出计划")}
          </button>
        )}
      </p>
      <Why visitId={visitId} />
      <Life visitId={visitId} workOrderId={visit.work_order_id} />
    </section>
  );
}

const TAKERS: readonly string[] = ["dispatcher", "administrator", "ticket_system"];

/** Who the API lets book. */
const mayAssign = () => TAKERS.includes(me.value?.role ?? "");

interface FactsProps {
  of: Board;
  visitId: string;
  visit: BoardVisit;
}

function Facts({ of, visitId, visit }: FactsProps) {
  const seat = seats.value.get(visitId);
  const seconds = seat === undefined ? (visit.duration_s ?? 0) : (seat.endAt - seat.startAt) / 1000;
  const names = seat?.technicianIds.map(nameOf).join(say(", ", "、"));
  const parts = Object.entries(visit.parts ?? {}).map(([part, count]) => `${count} × ${part}`);
  return (
    <dl>
      <dt>{say("Planned", "安排")}</dt>
      <dd>
        {seat === undefined
          ? (visit.reason ?? say("not planned", "未安排"))
          : `${names}, ${dayAndTime(seat.startAt)}–${clockTime(seat.endAt)}`}
      </dd>
      {Object.entries(visit.clocks ?? {}).map(([kind, clock]) => (
        <ClockFact key={kind} of={of} kind={kind} clock={clock} />
      ))}
      <dt>{say("Product", "产品")}</dt>
      <dd>
        {visit.product} · {duration(seconds)}
        {visit.run_in_s ? ` + ${duration(visit.run_in_s)} ${say("run-in", "试运行")}` : ""} ·{" "}
        {priorityText(visit.priority ?? "normal")}
      </dd>
      {parts.length > 0 && (
        <>
          <dt>{say("Parts", "备件")}</dt>
          <dd>{parts.join(say(", ", "、"))}</dd>
        </>
      )}
      {(visit.skills ?? []).length > 0 && (
        <>
          <dt>{say("Skills", "技能")}</dt>
          <dd>{visit.skills?.join(say(", ", "、"))}</dd>
        </>
      )}
    </dl>
  );
}

interface ClockFactProps {
  of: Board;
  kind: string;
  clock: Shapes["BoardClock"];
}

function ClockFact({ of, kind, clock }: ClockFactProps) {
  const [margin, due] = [marginText(clock), dayAndTime(instant(of, clock.due))];
  return (
    <>
      <dt>{clockText(kind)}</dt>
      <dd class={`state ${clockState(of, clock)}`}>
        {margin === "" ? say(`by ${due}`, `截止 ${due}`) : `${margin} (${due})`}
      </dd>
    </>
  );
}

/** Why this technician, why not the others, what would help. */
function Why({ visitId }: { visitId: string }) {
  const version = String(shown.value?.board.version);
  const params = { path: { visit_id: visitId }, query: { version } };
  const why = useAnswer(
    () => answered(api.GET("/v1/visits/{visit_id}/explanation", { params })),
    [visitId, shown.value?.etag],
    complain,
  );
  if (why === null) return <p class="quiet">{say("Asking why …", "正在查询原因…")}</p>;
  return (
    <>
      <h3>{say("Why", "原因")}</h3>
      {why.runner_up_id !== null && why.difference_fen !== null && (
        <p>
          {say(
            `The next best is ${nameOf(why.runner_up_id)}, ${yuan(why.difference_fen)} dearer.`,
            `次优人选为 ${nameOf(why.runner_up_id)}，多花 ${yuan(why.difference_fen)}。`,
          )}
        </p>
      )}
      {Object.keys(why.added_fen).length > 0 && (
        <table>
          <caption class="quiet">
            {say("What the visit adds to the cost", "此任务增加的成本")}
          </caption>
          <tbody>
            {Object.entries(why.added_fen).map(([item, fen]) => (
              <tr key={item}>
                <td>{itemText(item)}</td>
                <td class="number">{yuan(fen)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {why.help !== null && <p class="help">{why.help.text}</p>}
      {why.obstacles.length > 0 && (
        <details open={!why.planned}>
          <summary>{say("Why not the others", "其他人为何不行")}</summary>
          <table>
            <tbody>
              {why.obstacles.slice(0, MOST_OBSTACLES).map((one) => (
                <tr key={one.technician_id}>
                  <td>{nameOf(one.technician_id)}</td>
                  <td>{ruleText(one.code, one.amount)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {why.obstacles.length > MOST_OBSTACLES && (
            <p class="quiet">
              {say(
                `and ${why.obstacles.length - MOST_OBSTACLES} more`,
                `另有 ${why.obstacles.length - MOST_OBSTACLES} 人`,
              )}
            </p>
          )}
        </details>
      )}
    </>
  );
}
