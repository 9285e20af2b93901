/** The manager's page: how well it goes, at a glance and on paper. */
import { useEffect } from "preact/hooks";
import { Choices } from "../common/Choices";
import { say } from "../common/language";
import { me } from "../common/Signed";
import { clockTime, dayAndTime } from "../common/time";
import { Headline } from "./Headline";
import { LoadMap } from "./LoadMap";
import { Overtime } from "./Overtime";
import { PartsShort } from "./PartsShort";
import { Picker } from "./Picker";
import { RunningOut } from "./RunningOut";
import { begin, busy, choice, days, refresh, saveWorkbook, told, trouble } from "./state";
import { Stations } from "./Stations";
import { Strip } from "./Strip";
import { Trend } from "./Trend";
import { Waiting } from "./Waiting";
import { longDay } from "./words";

const OFFICE = ["viewer", "dispatcher", "planner", "administrator"];

export function Page() {
  const caller = me.value;
  const isOffice = caller !== null && OFFICE.includes(caller.role);
  useEffect(() => (isOffice ? begin() : undefined), [isOffice]);
  document.title = `${say("Figures", "管理指标")} · ${caller?.organisation ?? ""}`;
  return (
    <>
      <header class="topbar">
        <h1>{say("Figures", "管理指标")}</h1>
        <span class="quiet organisation">{caller?.organisation}</span>
        <nav>
          <a href="./">{say("Board", "派工看板")}</a>
        </nav>
        {isOffice && <Picker />}
        <span class="space" />
        {isOffice && (
          <>
            {caller.territories === null && (
              <button
                type="button"
                onClick={() => void saveWorkbook()}
                title={say(
                  "The monthly report of these months, as a workbook",
                  "这些月份的月报工作簿",
                )}
              >
                Excel
              </button>
            )}
            <button type="button" onClick={() => print()}>
              {say("Print", "打印")}
            </button>
          </>
        )}
        <Choices />
      </header>
      <main class="figures" aria-busy={busy.value}>
        {isOffice ? (
          <Content />
        ) : (
          <p>{say("These figures are for the office.", "本页面供管理与调度人员查看。")}</p>
        )}
      </main>
    </>
  );
}

function Content() {
  if (told.value === null) {
    return trouble.value === null ? (
      <p role="status">{say("Counting …", "正在统计…")}</p>
    ) : (
      <div role="alert">
        <p>{trouble.value}</p>
        <button type="button" onClick={() => void refresh()}>
          {say("Try again", "重试")}
        </button>
      </div>
    );
  }
  const { figures } = told.value;
  const at = Date.parse(figures.now_at);
  const { from, until } = days.value;
  return (
    <>
      <p class="about">
        {longDay(from)} – {longDay(until)}
        {choice.value.territory !== null && ` · ${choice.value.territory}`}
        {" · "}
        <span class="quiet">
          {say("as of", "截至")} <time title={dayAndTime(at)}>{clockTime(at)}</time>
          <span class="paper"> {dayAndTime(at).slice(0, -6)}</span>
        </span>
      </p>
      <Headline figures={figures} />
      <Strip figures={figures} />
      <div class="beside">
        <Trend figures={figures} />
        <RunningOut figures={figures} />
      </div>
      <Stations figures={figures} />
      <LoadMap figures={figures} />
      <div class="halves">
        <div class="stacked">
          <Waiting figures={figures} />
          <Overtime figures={figures} />
        </div>
        <PartsShort figures={figures} />
      </div>
    </>
  );
}
