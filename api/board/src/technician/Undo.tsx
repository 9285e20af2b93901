/** Takes back the last that was recorded on this phone, as long as the server lets technicians. */
import { say } from "../common/language";
import { complain } from "../common/notices";
import { clockTime } from "../common/time";
import { nowMs, undone } from "./day";
import { mayRecord } from "./Door";
import type { Visit } from "./projecting";
import { lastTap } from "./queue";
import { stepName } from "./words";

const LATELY_MS = 15 * 60_000;

export function Undo({ visit }: { visit: Visit }) {
  const tap = lastTap.value;
  if (tap === null || tap.body.visit_id !== visit.visit_id || !mayRecord()) return null;
  const atMs = Date.parse(tap.body.happened_at);
  if (nowMs.value - atMs > LATELY_MS) return null;
  const what = `${stepName(tap.body.kind)} ${clockTime(atMs)}`;
  return (
    <button type="button" class="undo" onClick={() => undone(tap).catch(complain)}>
      ↶ {say(`Undo: ${what}`, `撤销：${what}`)}
    </button>
  );
}
