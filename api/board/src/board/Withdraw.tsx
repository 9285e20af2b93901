/** A recorded event that was a mistake is withdrawn, or the reason why that is not possible. */
import { useSignal } from "@preact/signals";
import { answered, api, type Shapes } from "../common/api";
import { say } from "../common/language";
import { Modal } from "../common/Modal";
import { tell } from "../common/notices";
import { dayAndTime } from "../common/time";
import { eventText } from "../common/words";
import { reload } from "./store";

interface WithdrawProps {
  event: Shapes["Event"];
  close: () => void;
}

export function Withdraw({ event, close }: WithdrawProps) {
  const reason = useSignal("");
  const refused = useSignal("");
  const busy = useSignal(false);
  // Sent again after no answer came, it is the same withdrawal.
  const id = useSignal(`B-${crypto.randomUUID()}`).value;
  const what = `${eventText(event.kind)}, ${dayAndTime(Date.parse(event.happened_at))}`;
  const send = async () => {
    busy.value = true;
    refused.value = "";
    const path = { work_order_id: event.work_order_id, event_id: event.id };
    const body = { id, reason: reason.value.trim() };
    try {
      const url = "/v1/work-orders/{work_order_id}/events/{event_id}/withdrawal";
      await answered(api.POST(url, { params: { path }, body }));
      tell(say(`Withdrawn: ${what}`, `已撤回：${what}`));
      close();
      await reload();
    } catch (error) {
      refused.value = error instanceof Error ? error.message : String(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Modal title={say("Withdraw what was a mistake", "撤回误记的事件")} close={close}>
      <form
        class="stack"
        onSubmit={(submitted) => {
          submitted.preventDefault();
          void send();
        }}
      >
        <p>
          <strong>{what}</strong> · {event.by}
        </p>
        <p class="quiet">
          {say(
            "Everything will be as if it had never been; both stay on record.",
            "一切如同从未发生；两者都将留档。",
          )}
        </p>
        <label>
          {say("Why (kept on record)", "原因（将留档）")}
          <input
            required
            maxLength={200}
            value={reason.value}
            onInput={(typed) => {
              reason.value = typed.currentTarget.value;
            }}
          />
        </label>
        {refused.value !== "" && (
          <p class="state broken" role="alert">
            {refused.value}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={close}>
            {say("Leave it", "保留")}
          </button>
          <button type="submit" class="main" disabled={busy.value || reason.value.trim() === ""}>
            {say("Withdraw", "撤回")}
          </button>
        </div>
      </form>
    </Modal>
  );
}
