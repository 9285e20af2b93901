/** The page: the day, or one visit of it, under a line that says how things stand with the server. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Choices } from "../common/Choices";
import { say } from "../common/language";
import { me } from "../common/Signed";
import { clockTime, dayName, isoDate } from "../common/time";
import { chosen, load, nowMs, shown } from "./day";
import { DayList } from "./DayList";
import { reachable, waiting, whose } from "./queue";
import { Troubles } from "./Troubles";
import { VisitView } from "./VisitView";

const REFRESH_MS = 5 * 60_000;
const NOON_MS = 12 * 3_600_000;

function visitInAddress(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get("visit");
}

/** The visit that is looked at; null: the whole day. The browser's way back leads to the day. */
const looked = signal(visitInAddress());
addEventListener("hashchange", () => {
  looked.value = visitInAddress();
  scrollTo(0, 0);
});

export function DayPage() {
  useEffect(() => {
    const again = () => {
      if (document.visibilityState === "visible") void load();
    };
    const timer = setInterval(again, REFRESH_MS);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, []);
  const day = shown.value?.day ?? null;
  const stop = day?.stops.find(({ visit }) => visit?.visit_id === looked.value && visit !== null);
  return (
    <>
      <header class="topbar">
        <h1>
          {day === null ? say("My day", "我的一天") : dayName(Date.parse(day.day) + NOON_MS)}
          {me.value?.technician_id === null && ` · ${whose.value}`}
        </h1>
        <span class="space" />
        <Choices />
      </header>
      <Connection />
      <main class="phone">
        <Troubles />
        {day === null ? (
          <p class="quiet">{say("Nothing of the day is known here yet.", "尚无当日行程数据。")}</p>
        ) : stop?.visit ? (
          <VisitView stop={stop} visit={stop.visit} />
        ) : (
          <DayList day={day} isToday={day.day === isoDate(nowMs.value)} />
        )}
        {chosen.value !== null && !stop && (
          <button
            type="button"
            class="wide"
            onClick={() => {
              chosen.value = null;
              void load();
            }}
          >
            {say("Back to today", "返回今天")}
          </button>
        )}
      </main>
    </>
  );
}

/** Whether the server is heard, how old what is shown is, and how much waits to be sent. */
function Connection() {
  const count = waiting.value.length;
  const seen = shown.value === null ? "–" : clockTime(shown.value.seenMs + shown.value.aheadMs);
  const left =
    count === 0
      ? ""
      : say(
          ` · ${count} ${count === 1 ? "record" : "records"} waiting to be sent`,
          ` · ${count} 条记录待发送`,
        );
  return (
    <p class={reachable.value ? "connection" : "connection away"} role="status">
      {reachable.value
        ? say(`As of ${seen}`, `更新于 ${seen}`)
        : say(`No connection · as of ${seen}`, `无网络 · 更新于 ${seen}`)}
      {left}
    </p>
  );
}
