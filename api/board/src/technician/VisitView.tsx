/** One visit: how far it is, where, whom to call, what is wrong, what to use, how much time is left. */
import type { ComponentChildren } from "preact";
import type { Shapes } from "../common/api";
import { say } from "../common/language";
import { clockTime, dayAndTime, duration, HOUR_MS, yuan } from "../common/time";
import { Actions } from "./Actions";
import { nowMs } from "./day";
import { mayRecord } from "./Door";
import { type Stop, standingOf, type Visit } from "./projecting";
import { queue } from "./queue";
import { Route } from "./Route";
import { Undo } from "./Undo";
import { clockName, priorityName, stateName, stepName } from "./words";

export function VisitView({ stop, visit }: { stop: Stop; visit: Visit }) {
  const standing = standingOf(visit, queue.value);
  const unsent = queue.value.filter(
    ({ state, body }) => state === "waiting" && body.visit_id === visit.visit_id,
  );
  return (
    <>
      <a href="#" class="back">
        ‹ {say("The day", "当日行程")}
      </a>
      <section class="card current">
        <p class="head">
          <span class="time">
            {clockTime(Date.parse(stop.start_at))}–{clockTime(Date.parse(stop.end_at))}
          </span>
          <span class={`tag state-${standing.state}`}>{stateName(standing.state)}</span>
        </p>
        <h2>{stop.place?.name}</h2>
        {mayRecord() && <Actions visit={visit} stop={stop} standing={standing} />}
        <Undo visit={visit} />
        {unsent.length > 0 && (
          <ul class="quiet unsent">
            {unsent.map(({ number, body, withdrawal }) => (
              <li key={number}>
                {withdrawal !== undefined && say("Undo: ", "撤销：")}
                {stepName(body.kind)} {clockTime(Date.parse(body.happened_at))} ·{" "}
                {say("waiting to be sent", "待发送")}
              </li>
            ))}
          </ul>
        )}
      </section>
      <Where stop={stop} visit={visit} />
      <What visit={visit} />
      <Parts stop={stop} visit={visit} />
      <Clocks visit={visit} />
      <Notes visit={visit} />
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function mateText({ name, arrived_at }: Shapes["DayMate"]): string {
  if (arrived_at === null) return name;
  const at = clockTime(Date.parse(arrived_at));
  return say(`${name} (there since ${at})`, `${name}（${at} 到场）`);
}

const PHONE = /\+?\d[\d \-()]{5,}\d/;

function Contact({ text }: { text: string }) {
  const number = PHONE.exec(text)?.[0];
  if (number === undefined) return <>{text}</>;
  return (
    <a class="call" href={`tel:${number.replace(/[^+\d]/g, "")}`}>
      {text}
    </a>
  );
}

function Where({ stop, visit }: { stop: Stop; visit: Visit }) {
  const told = visit.told_at;
  return (
    <section class="card">
      <dl>
        <Fact name={say("Customer", "客户")}>{visit.customer}</Fact>
        {visit.ticket?.contact && (
          <Fact name={say("Contact", "联系人")}>
            <Contact text={visit.ticket.contact} />
          </Fact>
        )}
        <Fact name={say("Address", "地址")}>{stop.place?.address || stop.place?.city}</Fact>
        {told !== null && (
          <Fact name={say("Arranged", "约定时间")}>{dayAndTime(Date.parse(told))}</Fact>
        )}
        {visit.windows.map(({ open_at, close_at }) => (
          <Fact key={open_at} name={say("Promised", "承诺时段")}>
            {dayAndTime(Date.parse(open_at))}–{clockTime(Date.parse(close_at))}
          </Fact>
        ))}
        {visit.crew.length > 0 && (
          <Fact name={say("With", "同行")}>
            {visit.crew.map(mateText).join(say(", ", "、"))}
            <br />
            <span class="quiet">
              {say(
                "Each of you records when you arrive; the first one counts for the customer.",
                "各自记录到场；对客户以最先到场者为准。",
              )}
            </span>
          </Fact>
        )}
      </dl>
      <Route place={stop.place} />
    </section>
  );
}

function What({ visit }: { visit: Visit }) {
  const { equipment, ticket } = visit;
  const covered =
    visit.in_warranty === null
      ? null
      : visit.in_warranty
        ? say("in warranty", "保修期内")
        : say("out of warranty", "已过保修期");
  const text = ticket?.text ?? "";
  return (
    <section class="card">
      <dl>
        <Fact name={say("Work order", "派工单")}>
          {visit.work_order_id} · {priorityName(visit.priority)}
        </Fact>
        <Fact name={say("Fault", "故障")}>{visit.description || text || "–"}</Fact>
        {text !== "" && text !== visit.description && visit.description !== "" && (
          <Fact name={say("Ticket", "报修内容")}>{text}</Fact>
        )}
        <Fact name={say("Product", "产品")}>{visit.product}</Fact>
        {equipment !== null && (
          <Fact name={say("Equipment", "设备")}>
            {equipment.id}
            {equipment.serial !== "" && ` · ${say("serial", "序列号")} ${equipment.serial}`}
          </Fact>
        )}
        {covered !== null && <Fact name={say("Warranty", "保修")}>{covered}</Fact>}
        {visit.quote !== null && (
          <Fact name={say("Quote", "报价")}>
            {yuan(visit.quote.amount_fen)} · {answerOf(visit.quote)}
          </Fact>
        )}
        <Fact name={say("Repair", "维修")}>{duration(visit.duration_s)}</Fact>
        {visit.run_in_s > 0 && (
          <Fact name={say("Run-in", "试运行")}>{duration(visit.run_in_s)}</Fact>
        )}
      </dl>
    </section>
  );
}

function answerOf({ accepted }: Shapes["SentQuote"]): string {
  if (accepted === null) return say("not answered", "待答复");
  return accepted ? say("accepted", "已接受") : say("refused", "已拒绝");
}

function Parts({ stop, visit }: { stop: Stop; visit: Visit }) {
  if (stop.parts.length === 0 && visit.tools.length === 0) return null;
  return (
    <section class="card">
      <h2>{say("Parts and tools", "备件与工具")}</h2>
      <ul class="parts">
        {stop.parts.map(({ part_id, name, quantity }) => (
          <li key={part_id}>
            <b class="count">{quantity} ×</b> {name} <span class="quiet">{part_id}</span>
          </li>
        ))}
        {visit.tools.map((tool) => (
          <li key={tool}>
            <b class="count">1 ×</b> {tool} <span class="quiet">{say("tool", "工具")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Clocks({ visit }: { visit: Visit }) {
  if (visit.clocks.length === 0) return null;
  return (
    <section class="card">
      <h2>{say("Promised to the customer", "服务时限")}</h2>
      <table>
        <tbody>
          {visit.clocks.map((clock) => (
            <tr key={clock.kind}>
              <td>{clockName(clock.kind)}</td>
              <td>
                {say("by", "截止")} {dayAndTime(Date.parse(clock.due_at))}
              </td>
              <td class="number">
                <ClockState clock={clock} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function ClockState({ clock }: { clock: Shapes["ClockFacts"] }) {
  const leftMs = Date.parse(clock.due_at) - nowMs.value;
  const running = clock.state === "running" && clock.stopped_at === null;
  if (clock.state === "void") return <>{say("does not count", "不计")}</>;
  if (clock.state === "kept") return <span class="state safe">{say("kept", "按时")}</span>;
  if (!running || leftMs < 0) return <span class="state broken">{say("late", "超时")}</span>;
  const left = duration(Math.floor(leftMs / 1000));
  return <span class={leftMs < HOUR_MS ? "state at_risk" : "state safe"}>{left}</span>;
}

function Notes({ visit }: { visit: Visit }) {
  if (visit.notes.length === 0) return null;
  return (
    <section class="card">
      <h2>{say("Notes", "备注")}</h2>
      {visit.notes.map(({ at, by, text }) => (
        <p key={at}>
          <span class="quiet">
            {dayAndTime(Date.parse(at))} {by}
          </span>
          <br />
          {text}
        </p>
      ))}
    </section>
  );
}
