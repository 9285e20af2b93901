/** Repaired: with which parts, and what was done. */
import { useSignal } from "@preact/signals";
import { say } from "../common/language";
import { happened } from "./day";
import { partNames } from "./parts";
import { PartLines, plannedLines, serialsIn } from "./PartLines";
import type { Stop, Visit } from "./projecting";
import { Note, Sheet } from "./Sheet";

export function RepairSheet({ visit, stop, close }: Wanted) {
  const lines = useSignal(plannedLines(visit, stop));
  const note = useSignal("");
  const record = () => {
    const used = lines.value.filter(({ quantity }) => quantity > 0);
    const parts = used.map(({ partId, quantity, serials }) => ({
      part_id: partId,
      quantity,
      serials: serialsIn(serials),
    }));
    return happened(visit, "repaired", {
      details: { parts_used: parts },
      note: note.value.trim(),
    });
  };
  return (
    <Sheet
      title={say("Repaired", "修复")}
      button={say("Record it", "记录")}
      close={close}
      done={record}
    >
      <p class="quiet">{say("Parts that were built in", "实际更换的备件")}</p>
      <PartLines lines={lines} names={partNames()} serials />
      <Note
        label={say("What was done?", "处理措施")}
        value={note.value}
        set={(value) => {
          note.value = value;
        }}
      />
    </Sheet>
  );
}

interface Wanted {
  visit: Visit;
  stop: Stop;
  close: () => void;
}
