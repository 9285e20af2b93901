/** A visit that cannot be done: why, and what the next one needs instead. */
import { useSignal } from "@preact/signals";
import type { Shapes } from "../common/api";
import { say } from "../common/language";
import { happened } from "./day";
import { partNames } from "./parts";
import { type PartLine, PartLines } from "./PartLines";
import type { Stop, Visit } from "./projecting";
import { Note, Sheet } from "./Sheet";
import { FAILURES, reasonName } from "./words";

const OF_PARTS: readonly Shapes["FailureReason"][] = ["wrong_part", "missing_part"];

export function FailSheet({ visit, close }: { visit: Visit; stop: Stop; close: () => void }) {
  const reason = useSignal<Shapes["FailureReason"] | null>(null);
  const note = useSignal("");
  const lines = useSignal<PartLine[]>([]);
  const needsParts = reason.value !== null && OF_PARTS.includes(reason.value);
  const record = () => {
    const wanted = needsParts ? lines.value.filter(({ quantity }) => quantity > 0) : [];
    const parts = wanted.map(({ partId, quantity }) => ({ part_id: partId, quantity }));
    return happened(visit, "visit_failed", {
      details: { reason: reason.value, parts },
      note: note.value.trim(),
    });
  };
  return (
    <Sheet
      title={say("The work cannot be done", "任务无法完成")}
      button={say("Record it", "记录")}
      close={close}
      done={record}
    >
      <fieldset>
        <legend>{say("Why?", "原因")}</legend>
        {FAILURES.map((one) => (
          <label key={one} class="choice">
            <input
              type="radio"
              name="reason"
              required
              checked={reason.value === one}
              onChange={() => {
                reason.value = one;
              }}
            />
            {reasonName(one)}
          </label>
        ))}
      </fieldset>
      {needsParts && (
        <>
          <p class="quiet">{say("What the next visit needs", "下次上门所需备件")}</p>
          <PartLines lines={lines} names={partNames()} serials={false} />
        </>
      )}
      <Note
        label={say("What should the desk know?", "需告知调度的情况")}
        value={note.value}
        set={(value) => {
          note.value = value;
        }}
      />
    </Sheet>
  );
}
