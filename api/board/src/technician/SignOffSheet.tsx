/** The customer signs: with a name, and by hand on the glass for whoever can and wants to. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { say } from "../common/language";
import { happened } from "./day";
import type { Visit } from "./projecting";
import { Sheet } from "./Sheet";
import { Paper, Signature } from "./Signature";

export function SignOffSheet({ visit, close }: { visit: Visit; close: () => void }) {
  const name = useSignal("");
  const paper = useRef(new Paper());
  const record = () => {
    const png = paper.current.png();
    return happened(visit, "signed_off", {
      details: { signed_by: name.value.trim(), ...(png === null ? {} : { signature_png: png }) },
    });
  };
  return (
    <Sheet
      title={say("Sign off", "客户签收")}
      button={say("Sign off", "签收")}
      close={close}
      done={record}
    >
      <p>
        {visit.customer} · {visit.product} · {visit.work_order_id}
      </p>
      <label>
        {say("Name of who signs", "签收人姓名")}
        <input
          required
          maxLength={100}
          pattern=".*\S.*"
          autocomplete="off"
          value={name.value}
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
        />
      </label>
      <Signature paper={paper.current} />
      <p class="quiet">
        {say(
          "Sign with a finger or pen. Without a drawing the typed name counts.",
          "请用手指或笔签名。未手写时以输入的姓名为准。",
        )}
      </p>
    </Sheet>
  );
}
