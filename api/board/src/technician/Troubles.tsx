/** What was recorded and could not be taken in: it stays here until somebody has read it. */
import { say } from "../common/language";
import { dayAndTime } from "../common/time";
import { dismiss, sendAgain, troubles } from "./queue";
import type { Queued } from "./store";
import { stepName } from "./words";

export function Troubles() {
  return (
    <>
      {troubles.value.map((entry) => (
        <Trouble key={entry.number} entry={entry} />
      ))}
    </>
  );
}

function Trouble({ entry }: { entry: Queued }) {
  const isRefused = entry.state === "refused";
  return (
    <section class="card wrong" role="alert">
      <strong>
        {entry.withdrawal !== undefined && say("Undo: ", "撤销：")}
        {stepName(entry.body.kind)} · {entry.body.visit_id} ·{" "}
        {dayAndTime(Date.parse(entry.body.happened_at))}
      </strong>
      <p>{entry.why}</p>
      <p class="quiet">
        {isRefused
          ? say("It was not taken in.", "该记录未能入档。")
          : say("The office has it and will see to it.", "调度中心已收到，将人工处理。")}
      </p>
      <div class="actions">
        {isRefused && (
          <button type="button" onClick={() => void sendAgain(entry)}>
            {say("Send again", "重新发送")}
          </button>
        )}
        <button type="button" onClick={() => void dismiss(entry)}>
          {isRefused ? say("Give it up", "放弃") : say("Seen", "已阅")}
        </button>
      </div>
    </section>
  );
}
