/** What the referee says of a place: while a visit is held over it, and before it is forced. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { say } from "../common/language";
import { clockTime, duration, yuan } from "../common/time";
import { clockText, ruleText } from "../common/words";
import { held, over } from "../timeline/drag";
import { companyOf, doubtful, type Evaluation, save, verdict } from "./moves";
import { nameOf } from "./store";

/** A line below the timeline while a visit is held. */
export function VerdictLine() {
  const [what, spot] = [held.value, over.value];
  if (what === null) return <div class="verdict" aria-live="polite" />;
  const where = spot === null ? "" : `${nameOf(spot.rowId)}, ${clockTime(spot.at)}`;
  const last = verdict.value;
  const said = last?.said;
  const company = last === null ? [] : companyOf(last.place, last.said).map(nameOf);
  const names = company.join(say(", ", "、"));
  // Until it has spoken of this place, what it said of the last one stays, dimmed.
  const isStale = last !== null && (last.spot.rowId !== spot?.rowId || last.spot.at !== spot.at);
  return (
    <div class={`verdict ${stateOf(said)}`} aria-live="polite">
      <strong>{what.label}</strong> {where !== "" && <span>→ {where}</span>}{" "}
      {where !== "" && (
        <span class={isStale ? "stale" : ""}>
          {names !== "" && say(`with ${names} · `, `同行：${names} · `)}
          {said === undefined ? "…" : summary(said)}
        </span>
      )}
      {what.by === "keyboard" && (
        <span class="quiet">
          {say(
            "Arrows move it (Shift: 5 minutes), Enter puts it down, Esc puts it back",
            "方向键移动（Shift：5 分钟），回车放下，Esc 放回",
          )}
        </span>
      )}
    </div>
  );
}

export function stateOf(said: Evaluation | undefined): string {
  if (said === undefined) return "";
  return said.broken.length > 0 ? "broken" : said.late.length > 0 ? "at_risk" : "safe";
}

export function summary(said: Evaluation): string {
  const first = said.broken[0];
  if (first !== undefined) {
    const more = said.broken.length - 1;
    const others = more > 0 ? say(` and ${more} more`, `，另有 ${more} 项`) : "";
    return `✖ ${ruleText(first.code, first.amount)}${others}`;
  }
  const late = said.late[0];
  const delayed =
    late === undefined
      ? ""
      : ` · ▲ ${late.visit_id}: ${clockText(late.clock)} ${duration(late.late_s)} ${say("late", "超时")}`;
  const start = said.placed[0]?.start_at;
  const when = start === undefined || start === null ? "" : ` ${clockTime(Date.parse(start))}`;
  const others =
    said.shifted.length === 0
      ? ""
      : say(` · ${said.shifted.length} others move`, ` · 另有 ${said.shifted.length} 个任务移动`);
  return `● ${say("possible", "可行")}${when} · ${costDifference(said)}${others}${delayed}`;
}

function costDifference(said: Evaluation): string {
  const { cost_before_fen: before, cost_after_fen: after } = said;
  if (before === null || after === null) return "";
  return `${after >= before ? "+" : ""}${yuan(after - before)}`;
}

/** Asks for a reason where a change breaks rules. */
export function Doubt() {
  const dialog = useRef<HTMLDialogElement>(null);
  const reason = useSignal("");
  const what = doubtful.value;
  useEffect(() => {
    if (what !== null) {
      reason.value = "";
      dialog.current?.showModal();
    } else dialog.current?.close();
  }, [what]);
  if (what === null) return null;
  const putBack = () => {
    doubtful.value = null;
  };
  return (
    <dialog ref={dialog} onClose={putBack} aria-labelledby="doubt">
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          doubtful.value = null;
          void save(what.wish, reason.value.trim());
        }}
      >
        <h2 id="doubt">{say("This breaks rules", "此更改违反规则")}</h2>
        <ul>
          {what.said?.broken.map((one) => (
            <li key={`${one.code} ${one.subject}`}>
              {one.subject}: {ruleText(one.code, one.amount)}
            </li>
          ))}
          {what.said === null && <li>{what.why}</li>}
        </ul>
        <label>
          {say("Why it is to be done all the same (kept on record)", "仍要执行的原因（将留档）")}
          <input
            required
            value={reason.value}
            onInput={(event) => {
              reason.value = event.currentTarget.value;
            }}
          />
        </label>
        <div class="buttons">
          <button type="button" class="main" onClick={putBack}>
            {say("Put it back", "放回原处")}
          </button>
          <button type="submit" disabled={reason.value.trim() === ""}>
            {say("Do it all the same", "强制执行")}
          </button>
        </div>
      </form>
    </dialog>
  );
}
