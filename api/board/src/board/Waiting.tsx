/** What is not planned, what runs out first on top; taken from here to a technician. */
import { useComputed } from "@preact/signals";
import { say } from "../common/language";
import { duration, MINUTE_MS } from "../common/time";
import { clockText, priorityText } from "../common/words";
import { grasp, lift } from "../timeline/drag";
import { clockState, filter, rows } from "./rows";
import { type Board, board, type BoardVisit, instant, now, selected } from "./store";

export function Waiting({ open }: { open: (visitId: string) => void }) {
  const listed = useComputed(() =>
    (board.value?.unassigned ?? []).filter((visitId) => isWanted(visitId)),
  );
  return (
    <section class="waiting" aria-labelledby="waiting">
      <h2 id="waiting">
        {say("Waiting", "待派")} <span class="count">{listed.value.length}</span>
      </h2>
      {listed.value.length === 0 && (
        <p class="quiet">{say("Everything is planned.", "全部已安排。")}</p>
      )}
      <ul>
        {listed.value.map((visitId) => (
          <Item key={visitId} visitId={visitId} open={open} />
        ))}
      </ul>
    </section>
  );
}

function Item({ visitId, open }: { visitId: string; open: (visitId: string) => void }) {
  const of = board.value;
  const visit = of?.visits[visitId];
  if (of === null || visit === undefined) return null;
  const site = of.sites[visit.site_id];
  const what = {
    visitId,
    label: site?.name ?? visitId,
    lengthMs: (visit.duration_s ?? 0) * 1000,
    graspMs: 0,
    from: null,
  };
  return (
    <li>
      <button
        type="button"
        class={`ticket ${visit.clock ?? "safe"}${selected.value === visitId ? " selected" : ""}`}
        data-waiting={visitId}
        onClick={() => open(visitId)}
        onPointerDown={(event) => grasp(event, { ...what, by: "pointer" })}
        onKeyDown={(event) => {
          const first = rows.value[0];
          if (event.key !== "m" || first === undefined) return;
          lift({ ...what, by: "keyboard" }, { rowId: first.id, at: now.value });
          // The arrows of the timeline carry it from here.
          document.querySelector<HTMLElement>(".timeline [tabindex='0']")?.focus();
        }}
      >
        <span class="line">
          <strong>{site?.name ?? visitId}</strong>
          <Countdown of={of} visit={visit} />
        </span>
        <span class="line quiet">
          <span>
            {visit.work_order_id} · {visit.product} · {duration(visit.duration_s ?? 0)}
          </span>
          {visit.priority !== undefined && visit.priority !== "normal" && (
            <span>{priorityText(visit.priority)}</span>
          )}
        </span>
        <span class="reason">{visit.reason ?? ""}</span>
      </button>
    </li>
  );
}

/** The clock that runs out first, and how long that is away. */
function Countdown({ of, visit }: { of: Board; visit: BoardVisit }) {
  const first = Object.entries(visit.clocks ?? {}).sort(([, a], [, b]) =>
    a.due < b.due ? -1 : 1,
  )[0];
  if (first === undefined) return null;
  const [kind, clock] = first;
  const minutes = Math.floor((instant(of, clock.due) - now.value) / MINUTE_MS);
  const left = duration(Math.abs(minutes) * 60);
  return (
    <span class={`state ${clockState(of, clock)}`}>
      {clockText(kind)} {minutes < 0 ? say(`${left} ago`, `已过 ${left}`) : left}
    </span>
  );
}

function isWanted(visitId: string): boolean {
  const of = board.value;
  const visit = of?.visits[visitId];
  if (of === null || of === undefined || visit === undefined) return false;
  const site = of.sites[visit.site_id];
  const { territory, skill, state, words } = filter.value;
  const sought = words.trim().toLowerCase();
  const said = `${visitId} ${visit.work_order_id} ${site?.name} ${site?.customer} ${visit.product}`;
  return (
    (territory === "" || site?.territory === territory) &&
    (skill === "" || (visit.skills ?? []).includes(skill)) &&
    (state === "" || state === "changed" || visit.clock === state) &&
    (sought === "" || said.toLowerCase().includes(sought))
  );
}
