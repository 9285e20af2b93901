import "../styles/base.css";
import "../styles/timeline.css";
import "../styles/board.css";
import "../styles/map.css";
import { signal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { say } from "../common/language";
import { me, Signed } from "../common/Signed";
import { yuan } from "../common/time";
import { itemText } from "../common/words";
import { held } from "../timeline/drag";
import { Timeline } from "../timeline/Timeline";
import { watchChanges } from "./changes";
import { CrewDialog } from "./CrewDialog";
import { Details } from "./Details";
import { Keys } from "./Keys";
import { MapPanel } from "./MapPanel";
import { redo, undo } from "./moves";
import { PlanDialog } from "./PlanDialog";
import { PublishDialog } from "./PublishDialog";
import { rows } from "./rows";
import { board, chosen, mayDispatch, mayPlan, now, reload, selected, tick, view } from "./store";
import { TicketDialog } from "./TicketDialog";
import { type Dialog, Filters, Toolbar } from "./Toolbar";
import { Doubt, VerdictLine } from "./Verdict";
import { Waiting } from "./Waiting";

const TICK_MS = 20_000;
const dialog = signal<Dialog>(null);
/** The work order that the ticket dialog is about, if it is not a new one. */
const known = signal<string | null>(null);

function open(visitId: string): void {
  selected.value = visitId;
}

function choose(technicianId: string): void {
  const others = new Set(chosen.value);
  if (!others.delete(technicianId)) others.add(technicianId);
  chosen.value = others;
}

function close(): void {
  dialog.value = null;
  known.value = null;
}

function whoCanGo(workOrderId: string): void {
  known.value = workOrderId;
  dialog.value = "ticket";
}

/** Whether a dialog is open. */
const isAsked = () => document.querySelector("dialog[open]") !== null;

/** Keys that work everywhere, but not while somebody types. */
function pressed(event: KeyboardEvent): void {
  const isTyping =
    event.target instanceof Element && event.target.matches("input, textarea, select");
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.key.toLowerCase() === "z" && !isTyping) {
    event.preventDefault();
    void (event.shiftKey ? redo() : undo());
  } else if (isTyping || isCommand || event.altKey || isAsked()) return;
  else if (event.key === "/") {
    event.preventDefault();
    document.getElementById("search")?.focus();
  } else if (event.key === "n" && mayDispatch.value) dialog.value = "ticket";
  else if (event.key === "p" && mayPlan.value) dialog.value = "plan";
  else if (event.key === "?") dialog.value = "keys";
  else if (event.key === "Escape" && held.value === null) selected.value = null;
}

function Board() {
  useEffect(() => {
    void reload();
    const stop = new AbortController();
    watchChanges(stop.signal);
    const timer = setInterval(tick, TICK_MS);
    window.addEventListener("keydown", pressed);
    return () => {
      stop.abort();
      clearInterval(timer);
      window.removeEventListener("keydown", pressed);
    };
  }, [me.value?.name]);
  return (
    <div class="board">
      <Toolbar
        ask={(wanted) => {
          dialog.value = wanted;
        }}
      />
      <div class="second-bar">
        <Filters />
        <span class="space" />
        <Totals />
      </div>
      <main>
        <Waiting open={open} />
        <div class="middle">
          <Timeline
            rows={rows}
            view={view}
            now={now}
            selected={selected}
            open={open}
            choose={choose}
            chosen={chosen}
          />
          <VerdictLine />
        </div>
        <aside aria-label={say("Details", "详情")}>
          <Details whoCanGo={whoCanGo} />
          <MapPanel open={open} />
        </aside>
      </main>
      <CrewDialog />
      <Doubt />
      {dialog.value === "ticket" && <TicketDialog known={known.value} close={close} />}
      {dialog.value === "plan" && <PlanDialog close={close} />}
      {dialog.value === "publish" && <PublishDialog close={close} />}
      {dialog.value === "keys" && <Keys close={close} />}
    </div>
  );
}

/** What the plan costs, and what is wrong with it, in one line. */
function Totals() {
  const of = board.value;
  if (of === null) return null;
  const clocks = Object.values(of.visits).map((visit) => visit.clock ?? "safe");
  const count = (state: string) => clocks.filter((one) => one === state).length;
  const cost = Object.entries(of.cost_fen ?? {}).filter(([, fen]) => fen !== 0);
  const total = cost.reduce((sum, [, fen]) => sum + fen, 0);
  return (
    <div class="totals">
      <span class="state safe">
        {count("safe")} {say("safe", "正常")}
      </span>
      <span class="state at_risk">
        {count("at_risk")} {say("at risk", "有风险")}
      </span>
      <span class="state broken">
        {count("broken")} {say("late", "超时")}
      </span>
      {of.violations.length > 0 && (
        <span>
          {of.violations.length} {say("rules broken", "处违规")}
        </span>
      )}
      {cost.length > 0 && (
        <span title={cost.map(([item, fen]) => `${itemText(item)}: ${yuan(fen)}`).join("\n")}>
          {say("cost", "成本")} {yuan(total)}
        </span>
      )}
    </div>
  );
}

const page = document.getElementById("page");
if (page !== null) {
  render(
    <Signed>
      <Board />
    </Signed>,
    page,
  );
}
