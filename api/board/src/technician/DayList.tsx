/** The day from top to bottom: what to load, stop after stop, and the days after it. */
import { say } from "../common/language";
import { clockTime, dayName, duration, kilometres } from "../common/time";
import { Actions } from "./Actions";
import { chosen, load, shown } from "./day";
import { mayRecord } from "./Door";
import {
  currentVisit,
  type Day,
  isOver,
  loadsOf,
  standingOf,
  type Stop,
  type Visit,
} from "./projecting";
import { queue } from "./queue";
import { Undo } from "./Undo";
import { priorityName, restName, stateName } from "./words";

const NOON_MS = 12 * 3_600_000;

export function DayList({ day, isToday }: { day: Day; isToday: boolean }) {
  const current = isToday ? currentVisit(day, queue.value) : null;
  return (
    <>
      <Frame day={day} />
      <Loading day={day} />
      <ol class="stops">
        {day.stops.map((stop, number) => (
          <li key={number}>
            {stop.visit === null ? (
              <Rest stop={stop} />
            ) : (
              <VisitCard
                stop={stop}
                visit={stop.visit}
                isCurrent={stop.visit.visit_id === current}
              />
            )}
          </li>
        ))}
      </ol>
      {day.stops.length === 0 && (
        <p class="quiet">{say("Nothing is planned for this day.", "当日没有安排。")}</p>
      )}
      <Ahead day={day} />
    </>
  );
}

function Frame({ day }: { day: Day }) {
  if (day.depart_at === null || day.finish_at === null) return null;
  return (
    <p class="frame">
      <span>
        {say("Depart", "出发")} <b>{clockTime(Date.parse(day.depart_at))}</b> {day.start?.name}
      </span>
      <span>
        {day.ends_away ? say("Stay overnight", "在外过夜") : say("Back", "返回")}{" "}
        <b>{clockTime(Date.parse(day.finish_at))}</b> {day.end?.name}
      </span>
    </p>
  );
}

function Loading({ day }: { day: Day }) {
  const loads = loadsOf(day);
  if (loads.length === 0) return null;
  return (
    <section class="card">
      <h2>{say("To load", "需装载")}</h2>
      {loads.map(({ place, atMs, parts, tools }) => (
        <div key={`${place.id} ${atMs}`}>
          <p class="quiet">
            {clockTime(atMs)} {place.name}
          </p>
          <ul class="parts">
            {parts.map(({ part_id, name, quantity }) => (
              <li key={part_id}>
                <b class="count">{quantity} ×</b> {name} <span class="quiet">{part_id}</span>
              </li>
            ))}
            {tools.map((tool) => (
              <li key={tool}>
                <b class="count">1 ×</b> {tool} <span class="quiet">{say("tool", "工具")}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function Rest({ stop }: { stop: Stop }) {
  const from = clockTime(Date.parse(stop.start_at));
  const until = clockTime(Date.parse(stop.end_at));
  const name =
    stop.kind === "pickup" && stop.place !== null
      ? `${say("Load at", "装载")} ${stop.place.name}`
      : stop.kind === "visit"
        ? say("Another visit", "其他任务")
        : restName(stop.kind);
  return (
    <p class="rest">
      <span class="time">
        {from}–{until}
      </span>
      {name}
    </p>
  );
}

function VisitCard({ stop, visit, isCurrent }: { stop: Stop; visit: Visit; isCurrent: boolean }) {
  const standing = standingOf(visit, queue.value);
  const drive =
    stop.travel_s > 0 ? `${duration(stop.travel_s)} · ${kilometres(stop.travel_m)}` : null;
  return (
    <article class={isCurrent ? "card current" : isOver(standing.state) ? "card over" : "card"}>
      {drive !== null && <p class="drive">{drive}</p>}
      <a href={`#visit=${encodeURIComponent(visit.visit_id)}`} class="head">
        <span class="time">
          {clockTime(Date.parse(stop.start_at))}–{clockTime(Date.parse(stop.end_at))}
        </span>
        <strong>{stop.place?.name}</strong>
      </a>
      <p>
        {visit.customer} · {visit.product}
        {(visit.priority === "emergency" || visit.priority === "high") && (
          <span class={`tag ${visit.priority}`}>{priorityName(visit.priority)}</span>
        )}
      </p>
      {visit.description !== "" && <p class="quiet">{visit.description}</p>}
      <p>
        <span class={`tag state-${standing.state}`}>{stateName(standing.state)}</span>
      </p>
      {isCurrent && mayRecord() && <Actions visit={visit} stop={stop} standing={standing} few />}
      <Undo visit={visit} />
    </article>
  );
}

function Ahead({ day }: { day: Day }) {
  if (day.ahead.length === 0) return null;
  return (
    <section>
      <h2>{say("The days after", "后续安排")}</h2>
      <ul class="ahead">
        {day.ahead.map((one) => (
          <li key={one.day}>
            <button
              type="button"
              class="wide"
              onClick={() => {
                chosen.value = one.day;
                void load().then(() => {
                  if (shown.value?.day.day === one.day) scrollTo(0, 0);
                });
              }}
            >
              <b>{dayName(Date.parse(one.day) + NOON_MS)}</b>
              <span>
                {clockTime(Date.parse(one.depart_at))}–{clockTime(Date.parse(one.finish_at))}
              </span>
              <span>
                {one.visits} {say(one.visits === 1 ? "visit" : "visits", "个任务")}
              </span>
              <span class="quiet">{one.cities.join(say(", ", "、"))}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
