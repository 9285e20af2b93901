/** What a visit waits for, which parts are kept for it, and what has happened. */
import { useSignal } from "@preact/signals";
import { useAnswer } from "../common/answer";
import { answered, api, type Shapes } from "../common/api";
import { say } from "../common/language";
import { dayAndTime } from "../common/time";
import { eventText, gateText } from "../common/words";
import { board, mayDispatch } from "./store";
import { Withdraw } from "./Withdraw";

interface LifeProps {
  visitId: string;
  workOrderId: string;
}

export function Life({ visitId, workOrderId }: LifeProps) {
  const version = board.value;
  const mistake = useSignal<Shapes["Event"] | null>(null);
  const path = { work_order_id: workOrderId };
  const order = useAnswer(
    () => answered(api.GET("/v1/work-orders/{work_order_id}", { params: { path } })),
    [workOrderId, version],
    unseen,
  );
  return (
    <>
      <Reservations visitId={visitId} />
      {order !== null && order.gates.length > 0 && (
        <>
          <h3>{say("Gates", "前置条件")}</h3>
          <ul class="history">
            {order.gates.map((gate) => (
              <li key={gate.kind} class={`state ${gate.passed_at ? "safe" : "at_risk"}`}>
                {gateText(gate.kind)}: {gateState(gate)}
              </li>
            ))}
          </ul>
        </>
      )}
      {order !== null && (
        <>
          <h3>{say("History", "经过")}</h3>
          <ol class="history">
            {order.events.map((event) => (
              <li key={event.id}>
                <Happened event={event} />{" "}
                {mayDispatch.value && (
                  <button
                    type="button"
                    class="plain"
                    aria-label={say(
                      `Withdraw: ${eventText(event.kind)}`,
                      `撤回：${eventText(event.kind)}`,
                    )}
                    title={say("Withdraw what was a mistake", "撤回误记的事件")}
                    onClick={() => {
                      mistake.value = event;
                    }}
                  >
                    ↶
                  </button>
                )}
              </li>
            ))}
            {order.withdrawn.map(({ event, reason }) => (
              <li key={event.id} class="quiet">
                <s>
                  <Happened event={event} />
                </s>{" "}
                {say("withdrawn: ", "已撤回：")}
                {reason}
              </li>
            ))}
          </ol>
        </>
      )}
      {mistake.value !== null && (
        <Withdraw
          key={mistake.value.id}
          event={mistake.value}
          close={() => {
            mistake.value = null;
          }}
        />
      )}
    </>
  );
}

function Happened({ event }: { event: Shapes["Event"] }) {
  return (
    <>
      <time>{dayAndTime(Date.parse(event.happened_at))}</time> {eventText(event.kind)}
    </>
  );
}

function gateState(gate: { passed_at?: string | null; expected_at?: string | null }): string {
  if (gate.passed_at) {
    return say(
      `passed ${dayAndTime(Date.parse(gate.passed_at))}`,
      `${dayAndTime(Date.parse(gate.passed_at))} 通过`,
    );
  }
  if (gate.expected_at) {
    return say(
      `open, expected ${dayAndTime(Date.parse(gate.expected_at))}`,
      `未通过，预计 ${dayAndTime(Date.parse(gate.expected_at))}`,
    );
  }
  return say("open", "未通过");
}

/** Parts with their lot and where they lie. */
function Reservations({ visitId }: { visitId: string }) {
  const path = { visit_id: visitId };
  const found = useAnswer(
    () => answered(api.GET("/v1/visits/{visit_id}/reservations", { params: { path } })),
    [visitId, board.value],
    unseen,
  );
  if (found === null || found.items.length === 0) return null;
  return (
    <>
      <h3>{say("Parts kept for it", "已预留备件")}</h3>
      <table>
        <tbody>
          {found.items.map((one) => (
            <tr key={one.id}>
              <td>
                {one.quantity} × {one.part_id}
              </td>
              <td>{placeName(one.place)}</td>
              <td class="quiet">
                {say("lot", "批次")} {one.lot_id}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** A station, or the van of a technician. */
function placeName(place: string): string {
  const station = board.value?.stations[place]?.name;
  const technician = board.value?.technicians.find((one) => one.id === place)?.name;
  return station ?? technician ?? place;
}

function unseen(): void {
  // Whoever may not read it still sees the plan.
}
