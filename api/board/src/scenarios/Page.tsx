/** What if: studies of scenarios, put together, watched and compared. */
import { useEffect } from "preact/hooks";
import { Choices } from "../common/Choices";
import { say } from "../common/language";
import { me } from "../common/Signed";
import { dayAndTime } from "../common/time";
import { Builder } from "./Builder";
import { readChoices } from "./choices";
import { draft, emptyDraft } from "./draft";
import { Result } from "./Result";
import { chosen, lookAt, readStudies, studies } from "./state";
import { studyState } from "./words";

const PLANNERS: readonly string[] = ["planner", "administrator"];

export function Page() {
  const caller = me.value;
  const may = caller !== null && PLANNERS.includes(caller.role) && caller.territories === null;
  useEffect(() => {
    if (!may) return;
    void readChoices();
    void readStudies();
  }, [may]);
  document.title = `${say("What if", "情景研究")} · ${caller?.organisation ?? ""}`;
  return (
    <>
      <header class="topbar">
        <h1>{say("What if", "情景研究")}</h1>
        <span class="quiet organisation">{caller?.organisation}</span>
        <nav>
          <a href="./">{say("Board", "派工看板")}</a>
        </nav>
        <span class="space" />
        <Choices />
      </header>
      {may ? (
        <main class="what-if">
          <Studies />
          <div class="shown">
            {chosen.value === null ? <Builder /> : <Result key={chosen.value} id={chosen.value} />}
          </div>
        </main>
      ) : (
        <main class="what-if">
          <p>
            {say(
              "Scenarios are for planners who see all territories.",
              "情景研究供可查看全部责任区的计划人员使用。",
            )}
          </p>
        </main>
      )}
    </>
  );
}

function Studies() {
  return (
    <nav class="studies" aria-label={say("Studies", "研究列表")}>
      <button
        type="button"
        class="main"
        onClick={() => {
          draft.value = emptyDraft();
          lookAt(null);
        }}
      >
        {say("New study", "新建研究")}
      </button>
      <ul>
        {(studies.value ?? []).map((one) => (
          <li key={one.id}>
            <button
              type="button"
              class="plain"
              aria-current={one.id === chosen.value}
              onClick={() => lookAt(one.id)}
            >
              <b>{one.asked.name}</b>
              <small class="quiet">
                {studyState(one.state)} · {dayAndTime(Date.parse(one.queued_at))}
              </small>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
