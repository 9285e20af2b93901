/** Steps that want a word: what was found, or that nothing was; a run-in that was cut short. */
import { useSignal } from "@preact/signals";
import { say } from "../common/language";
import { happened } from "./day";
import type { Visit } from "./projecting";
import { Note, Sheet } from "./Sheet";
import { stepName } from "./words";

type Noted = "found" | "no_finding" | "run_in_ended";

export function NoteSheet({
  visit,
  kind,
  close,
}: {
  visit: Visit;
  kind: Noted;
  close: () => void;
}) {
  const note = useSignal("");
  const set = (value: string) => {
    note.value = value;
  };
  const about: Record<Noted, string> = {
    found: say("What is the cause?", "故障原因是什么？"),
    no_finding: say(
      "The desk is told at once and sends help. What was tried?",
      "系统将立即通知调度并安排支援。已做过哪些排查？",
    ),
    run_in_ended: say(
      "The run-in is not over yet. Why does it end now?",
      "试运行时间未到。为何现在结束？",
    ),
  };
  return (
    <Sheet
      title={stepName(kind)}
      button={say("Record it", "记录")}
      close={close}
      done={() => happened(visit, kind, { note: note.value.trim() })}
    >
      <Note label={about[kind]} value={note.value} set={set} />
    </Sheet>
  );
}
