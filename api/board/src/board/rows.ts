/** A version of the plan as rows of the timeline, filtered. */
import { computed, signal } from "@preact/signals";
import type { Shapes } from "../common/api";
import { say } from "../common/language";
import { clockTime, duration, HOUR_MS, kilometres } from "../common/time";
import { clockText, priorityText } from "../common/words";
import type { Bar, ClockState, Difference, Row } from "../timeline/model";
import {
  type Board,
  board,
  type BoardVisit,
  compared,
  comparedSeats,
  instant,
  now,
  type Seat,
  seats,
} from "./store";

export const PINNED = "◆";
export const BY_HAND = "✎";
export const FORCED = "⚠";

export interface Filter {
  territory: string;
  skill: string;
  /** Rows with a visit of this state only; empty: all. */
  state: "" | "at_risk" | "broken" | "changed";
  words: string;
}

export const filter = signal<Filter>({ territory: "", skill: "", state: "", words: "" });

export const rows = computed<readonly Row[]>(() =>
  board.value === null ? [] : rowsOf(board.value),
);

/** How many rows the filter hides. */
export const hidden = computed(() => (board.value?.technicians.length ?? 0) - rows.value.length);

function rowsOf(of: Board): Row[] {
  const drawing = new Drawing(of);
  return of.technicians
    .filter((technician) => isWanted(technician))
    .map((technician) => drawing.row(technician))
    .filter((row) => isWorthShowing(row));
}

function isWanted(technician: Shapes["BoardTechnician"]): boolean {
  const { territory, skill } = filter.value;
  const covers = [...(technician.territories ?? []), ...(technician.backup ?? [])];
  return (
    (territory === "" || covers.includes(territory)) &&
    (skill === "" || technician.skills?.[skill] !== undefined)
  );
}

function isWorthShowing(row: Row): boolean {
  const { state, words } = filter.value;
  if (state === "changed" && row.bars.every((bar) => bar.difference === "same")) return false;
  if ((state === "at_risk" || state === "broken") && !row.bars.some((bar) => bar.state === state)) {
    return false;
  }
  const sought = words.trim().toLowerCase();
  return (
    sought === "" ||
    `${row.id} ${row.label}`.toLowerCase().includes(sought) ||
    row.bars.some((bar) => bar.kind === "visit" && bar.title.toLowerCase().includes(sought))
  );
}

/** One board on its way into rows. */
class Drawing {
  private readonly board: Board;
  private readonly routes = new Map<string, Shapes["BoardRoute"][]>();
  private readonly done = new Map<string, Shapes["DoneVisit"][]>();
  private readonly gone = new Map<string, Bar[]>();
  private readonly forced: ReadonlySet<string>;

  constructor(of: Board) {
    this.board = of;
    this.forced = new Set(of.forced.map((one) => one.subject));
    for (const route of of.routes) push(this.routes, route.technician_id, route);
    for (const visit of of.done) {
      for (const technicianId of visit.technician_ids) push(this.done, technicianId, visit);
    }
    if (compared.value !== null) {
      for (const [visitId, seat] of comparedSeats.value) this.addGone(visitId, seat);
    }
  }

  row(technician: Shapes["BoardTechnician"]): Row {
    const bars = [
      ...(this.done.get(technician.id) ?? []).map((visit) => this.doneBar(visit)),
      ...(this.routes.get(technician.id) ?? []).flatMap((route) => this.routeBars(route)),
      ...(this.gone.get(technician.id) ?? []),
    ].sort((a, b) => a.from - b.from);
    const station = this.board.stations[technician.station_id]?.name ?? technician.station_id;
    return {
      id: technician.id,
      label: technician.name,
      detail: `${technician.id} · ${station}`,
      shifts: (technician.shifts ?? []).map(spanOf),
      absences: (technician.absences ?? []).map(spanOf),
      bars,
    };
  }

  private routeBars(route: Shapes["BoardRoute"]): Bar[] {
    const bars = route.stops.flatMap((stop) => this.stopBars(stop));
    const finish = instant(this.board, route.finish);
    const home = (route.home_travel_s ?? 0) * 1000;
    if (home > 0)
      bars.push(travel(finish - home, finish, route.home_travel_s, route.home_travel_m));
    if (route.ends_away === true) {
      const title = say("stays overnight", "在外过夜");
      bars.push(plain("night", `night-${route.shift_id}`, finish, finish + HOUR_MS, title));
    }
    return bars;
  }

  private stopBars(stop: Shapes["BoardStop"]): Bar[] {
    const [from, to] = [instant(this.board, stop.start), instant(this.board, stop.end)];
    const arrival = instant(this.board, stop.arrival ?? stop.start);
    const leave = instant(this.board, stop.leave ?? stop.end);
    const bars: Bar[] = [];
    if (stop.travel_s) {
      bars.push(travel(arrival - stop.travel_s * 1000, arrival, stop.travel_s, stop.travel_m));
    }
    if (stop.kind === "break") {
      const title = `${say("break", "休息")} ${clockTime(from)}–${clockTime(to)}`;
      bars.push(plain("break", `break-${from}`, from, to, title));
    } else if (stop.kind === "pickup") {
      const station = this.board.stations[stop.station_id ?? ""]?.name ?? stop.station_id ?? "";
      const parts = Object.entries(stop.parts ?? {}).map(([part, count]) => `${count} × ${part}`);
      const what = [...parts, ...(stop.tools ?? [])].join(", ");
      const title = `${say("pick up at", "取件：")} ${station} ${clockTime(from)}: ${what}`;
      bars.push(plain("pickup", `pickup-${from}`, from, to, title));
    } else if (stop.kind !== "absence") {
      bars.push(this.visitBar(stop.visit_id ?? null, from, to));
      if (leave > to) {
        const title = `${say("run-in until", "试运行至")} ${clockTime(leave)}`;
        bars.push(plain("run_in", `run-in-${from}`, to, leave, title));
      }
    }
    return bars;
  }

  private visitBar(visitId: string | null, from: number, to: number): Bar {
    const visit = visitId === null ? undefined : this.board.visits[visitId];
    if (visitId === null || visit === undefined) {
      return {
        ...plain("visit", `unseen-${from}`, from, to, say("elsewhere", "其他区域")),
        fixed: true,
      };
    }
    const isForced = this.forced.has(visitId);
    const marks =
      ((visit.pinned ?? []).length > 0 ? PINNED : "") +
      (visit.by_hand === true ? BY_HAND : "") +
      (isForced ? FORCED : "");
    return {
      id: visitId,
      kind: "visit",
      from,
      to,
      label: this.board.sites[visit.site_id]?.name ?? visitId,
      title: titleOf(this.board, visitId, visit, from, to, marks),
      state: visit.clock ?? "safe",
      difference: differenceOf(visitId),
      marks,
      // Somebody is on the way, or there.
      fixed: visit.state !== undefined && visit.state !== null,
    };
  }

  private doneBar(visit: Shapes["DoneVisit"]): Bar {
    const [from, to] = [Date.parse(visit.start_at), Date.parse(visit.end_at)];
    const site = this.board.sites[visit.site_id]?.name ?? visit.visit_id;
    const title = `${visit.visit_id} · ${site} · ${clockTime(from)}–${clockTime(to)} · ${say("done", "已完成")}`;
    return { ...plain("visit", visit.visit_id, from, to, title), label: `✓ ${site}`, fixed: true };
  }

  /** Where a visit is in the published plan and not in the draft. */
  private addGone(visitId: string, before: Seat): void {
    const after = seats.value.get(visitId);
    for (const technicianId of before.technicianIds) {
      const stays = after?.technicianIds.includes(technicianId) === true;
      if (stays && after.startAt === before.startAt) continue;
      const title = `${visitId}: ${say("published here", "已发布在此")} ${clockTime(before.startAt)}`;
      const bar = plain("visit", `gone-${visitId}`, before.startAt, before.endAt, title);
      push(this.gone, technicianId, { ...bar, difference: "gone" });
    }
  }
}

function differenceOf(visitId: string): Difference {
  if (compared.value === null) return "same";
  const [before, after] = [comparedSeats.value.get(visitId), seats.value.get(visitId)];
  if (before === undefined || after === undefined) return "new";
  const isSame =
    before.startAt === after.startAt &&
    [...before.technicianIds].sort().join() === [...after.technicianIds].sort().join();
  return isSame ? "same" : "moved";
}

function titleOf(
  of: Board,
  visitId: string,
  visit: BoardVisit,
  from: number,
  to: number,
  marks: string,
): string {
  const site = of.sites[visit.site_id];
  const said = [
    visitId,
    visit.work_order_id,
    site?.customer ?? "",
    site?.name ?? visit.site_id,
    visit.product,
    `${clockTime(from)}–${clockTime(to)}`,
    visit.priority === undefined || visit.priority === "normal" ? "" : priorityText(visit.priority),
    ...Object.entries(visit.clocks ?? {}).map(([kind, clock]) => clockLine(of, kind, clock)),
    marks.includes(PINNED) ? say("pinned", "已锁定") : "",
    marks.includes(BY_HAND) ? say("made by hand", "手工安排") : "",
    marks.includes(FORCED) ? say("forced", "强制") : "",
  ];
  return said.filter((part) => part !== "").join(" · ");
}

/** "arrive: 2 h in hand". */
function clockLine(of: Board, kind: string, clock: Shapes["BoardClock"]): string {
  const due = say(
    `by ${clockTime(instant(of, clock.due))}`,
    `截止 ${clockTime(instant(of, clock.due))}`,
  );
  return say(`${clockText(kind)}: `, `${clockText(kind)}：`) + (marginText(clock) || due);
}

/** "2 h in hand", "20 min late"; nothing where no visit is planned. */
export function marginText(clock: Shapes["BoardClock"]): string {
  const margin = clock.margin_s;
  if (margin === undefined || margin === null) return "";
  const amount = duration(Math.abs(margin));
  return margin >= 0
    ? say(`${amount} in hand`, `余 ${amount}`)
    : say(`${amount} late`, `超时 ${amount}`);
}

const TIGHT_S = 1800;
const SOON_MS = 4 * HOUR_MS;

/** How a clock stands: by the plan, or by how soon it runs out if nothing is planned. */
export function clockState(of: Board, clock: Shapes["BoardClock"]): ClockState {
  if (clock.margin_s !== undefined && clock.margin_s !== null) {
    if (clock.margin_s < 0) return "broken";
    return clock.margin_s < TIGHT_S ? "at_risk" : "safe";
  }
  const left = instant(of, clock.due) - now.value;
  if (left < 0) return "broken";
  return left < SOON_MS ? "at_risk" : "safe";
}

function travel(from: number, to: number, seconds = 0, metres = 0): Bar {
  const title = `${say("travel", "路程")} ${duration(seconds)}, ${kilometres(metres)}`;
  return plain("travel", `travel-${from}`, from, to, title);
}

function plain(kind: Bar["kind"], id: string, from: number, to: number, title: string): Bar {
  return {
    id,
    kind,
    from,
    to,
    label: "",
    title,
    state: null,
    difference: "same",
    marks: "",
    fixed: false,
  };
}

function spanOf(span: { start_at: string; end_at: string }) {
  return { from: Date.parse(span.start_at), to: Date.parse(span.end_at) };
}

function push<T>(into: Map<string, T[]>, key: string, value: T): void {
  const list = into.get(key);
  if (list === undefined) into.set(key, [value]);
  else list.push(value);
}
