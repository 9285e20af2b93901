/** One ticket: typed in, the best places for it, one of them booked. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { answered, api, type Shapes } from "../common/api";
import { say } from "../common/language";
import { Modal } from "../common/Modal";
import { complain, tell } from "../common/notices";
import { dayAndTime, duration, isoDate, yuan } from "../common/time";
import { clockText, itemText, priorityText, ruleText } from "../common/words";
import { SitePicker } from "./SitePicker";
import { board, lookAt, nameOf, now, PUBLISHED, selected } from "./store";

type Found = Shapes["AssignedVisitOut"];
type Option = Shapes["OptionOut"];

const PRIORITIES: readonly Shapes["Priority"][] = ["emergency", "high", "normal", "low"];
const MOST_OBSTACLES = 12;

interface TicketDialogProps {
  /** One that is known already; null: it has to be typed in. */
  known: string | null;
  close: () => void;
}

export function TicketDialog({ known, close }: TicketDialogProps) {
  const workOrderId = useSignal(known);
  const title = known === null ? say("New ticket", "新报修") : say("Who can go?", "谁能去？");
  return (
    <Modal title={title} close={close}>
      {workOrderId.value === null ? (
        <TicketForm
          taken={(id) => {
            workOrderId.value = id;
          }}
        />
      ) : (
        <Options workOrderId={workOrderId.value} close={close} />
      )}
    </Modal>
  );
}

function TicketForm({ taken }: { taken: (workOrderId: string) => void }) {
  const siteId = useSignal<string | null>(null);
  const product = useSignal("");
  const text = useSignal("");
  const priority = useSignal<Shapes["Priority"]>("emergency");
  const diagnosed = useSignal(true);
  const busy = useSignal(false);
  const products = [...new Set(Object.values(board.value?.visits ?? {}).map((one) => one.product))];
  const take = async () => {
    busy.value = true;
    try {
      const order = await answered(
        api.POST("/v1/work-orders", {
          params: { header: { "Idempotency-Key": crypto.randomUUID() } },
          body: {
            number: newNumber(),
            channel: "board",
            text: text.value,
            site_id: siteId.value,
            product: product.value || null,
            priority: priority.value,
            skip_diagnosis: diagnosed.value,
          },
        }),
      );
      taken(order.id);
    } catch (error) {
      complain(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void take();
      }}
    >
      <SitePicker
        pick={(id) => {
          siteId.value = id;
        }}
      />
      <label>
        {say("Product", "产品")}
        <input
          list="products"
          required
          value={product.value}
          onInput={(event) => {
            product.value = event.currentTarget.value;
          }}
        />
        <datalist id="products">
          {products.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </label>
      <label>
        {say("What is wrong", "故障描述")}
        <textarea
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
      </label>
      <fieldset class="group">
        <legend class="unseen">{say("Priority", "优先级")}</legend>
        {PRIORITIES.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={priority.value === one}
            onClick={() => {
              priority.value = one;
            }}
          >
            {priorityText(one)}
          </button>
        ))}
      </fieldset>
      <label>
        <input
          type="checkbox"
          checked={diagnosed.value}
          onChange={(event) => {
            diagnosed.value = event.currentTarget.checked;
          }}
        />{" "}
        {say("Cannot be solved remotely: somebody has to go", "远程无法解决，须上门")}
      </label>
      <div class="buttons">
        <button type="submit" class="main" disabled={busy.value || siteId.value === null}>
          {say("Who can go?", "谁能去？")}
        </button>
      </div>
    </form>
  );
}

/** B-2026-09-29-1a2b3c: the board's own tickets. */
function newNumber(): string {
  return `B-${isoDate(now.value)}-${crypto.randomUUID().slice(0, 6)}`;
}

function Options({ workOrderId, close }: { workOrderId: string; close: () => void }) {
  const found = useSignal<Shapes["AssignmentOut"] | null>(null);
  const displace = useSignal(false);
  useEffect(() => {
    ask(workOrderId, displace.value).then((said) => {
      found.value = said;
    }, complain);
  }, [workOrderId, displace.value]);
  const book = async (visit: Found, option: Option) => {
    const seat = option.seats[0];
    if (seat === undefined) return;
    try {
      const chosen = [
        { visit_id: visit.visit_id, technician_id: seat.technician_id, start_at: option.start_at },
      ];
      const done = await answered(
        api.POST("/v1/assignments", {
          params: { header: { "Idempotency-Key": crypto.randomUUID() } },
          body: {
            work_order_id: workOrderId,
            mode: "commit",
            chosen,
            displace: displace.value || null,
          },
        }),
      );
      tell(
        say(
          `${workOrderId} is booked; ${done.notices.length} people and customers are told.`,
          `${workOrderId} 已安排；需通知 ${done.notices.length} 方。`,
        ),
      );
      selected.value = visit.visit_id;
      lookAt(PUBLISHED);
      close();
    } catch (error) {
      complain(error);
    }
  };
  if (found.value === null) return <p role="status">{say("Looking …", "查询中…")}</p>;
  return (
    <div class="stack">
      <p>
        {say("Work order", "派工单")} <strong>{workOrderId}</strong>
      </p>
      {!found.value.current && (
        <p class="state at_risk">
          {say(
            "Something that was just recorded is still being taken into account.",
            "刚记录的内容仍在计入。",
          )}
        </p>
      )}
      {found.value.visits.map((visit) => (
        <VisitOptions
          key={visit.visit_id}
          visit={visit}
          book={(option) => void book(visit, option)}
        />
      ))}
      <div class="buttons">
        <label>
          <input
            type="checkbox"
            checked={displace.value}
            onChange={(event) => {
              displace.value = event.currentTarget.checked;
            }}
          />{" "}
          {say("Less urgent visits may make way", "允许挪动较不紧急的任务")}
        </label>
        <button type="button" onClick={close}>
          {say("Leave it waiting", "暂留待派")}
        </button>
      </div>
    </div>
  );
}

function ask(workOrderId: string, displace: boolean): Promise<Shapes["AssignmentOut"]> {
  return answered(
    api.POST("/v1/assignments", {
      body: { work_order_id: workOrderId, mode: "suggest", displace: displace || null },
    }),
  );
}

function VisitOptions({ visit, book }: { visit: Found; book: (option: Option) => void }) {
  const options = visit.options.length > 0 ? visit.options : [visit.least_late].filter(isThere);
  return (
    <section>
      {options.length === 0 ? (
        <p class="state broken">{say("Nobody can go as things are.", "目前无人可去。")}</p>
      ) : (
        <table class="options">
          <thead>
            <tr>
              <th>{say("Who", "人员")}</th>
              <th>{say("On site", "到场")}</th>
              <th>{say("Clocks", "时限")}</th>
              <th class="number">{say("Cost", "成本")}</th>
              <th>{say("Others", "影响")}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {options.map((option) => (
              <OptionRow
                key={`${option.seats[0]?.technician_id} ${option.start_at}`}
                option={option}
                book={book}
              />
            ))}
          </tbody>
        </table>
      )}
      {visit.help !== null && <p class="help">{visit.help.text}</p>}
      {visit.obstacles.length > 0 && (
        <details open={options.length === 0}>
          <summary>{say("Who cannot, and why", "谁不行及原因")}</summary>
          <table>
            <tbody>
              {visit.obstacles.slice(0, MOST_OBSTACLES).map((one) => (
                <tr key={one.technician_id}>
                  <td>{nameOf(one.technician_id)}</td>
                  <td>{ruleText(one.code, one.amount)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </section>
  );
}

function OptionRow({ option, book }: { option: Option; book: (option: Option) => void }) {
  const others = [
    ...option.shifted.map((one) => `${one.visit_id} +${duration(one.later_s)}`),
    ...option.displaced.map(
      (one) => `${one.visit_id} → ${one.technician_ids.map(nameOf).join(" ")}`,
    ),
    ...option.bumped.map((id) => `${id} → ${say("waiting", "待派")}`),
  ];
  const cost = Object.entries(option.by_item).map(
    ([item, fen]) => `${itemText(item)}: ${yuan(fen)}`,
  );
  return (
    <tr>
      <td>{option.seats.map((seat) => nameOf(seat.technician_id)).join(", ")}</td>
      <td>{dayAndTime(Date.parse(option.start_at))}</td>
      <td>
        {option.clocks.map((clock) => (
          <div key={clock.clock} class={`state ${(clock.margin_s ?? 0) < 0 ? "broken" : "safe"}`}>
            {clockText(clock.clock)} {clock.margin_s === null ? "" : duration(clock.margin_s)}
          </div>
        ))}
      </td>
      <td class="number" title={cost.join("\n")}>
        +{yuan(option.added_fen)}
      </td>
      <td>{others.length === 0 ? "–" : others.join(", ")}</td>
      <td>
        <button type="button" class="main" onClick={() => book(option)}>
          {say("Book", "安排")}
        </button>
      </td>
    </tr>
  );
}

function isThere<T>(value: T | null): value is T {
  return value !== null;
}
