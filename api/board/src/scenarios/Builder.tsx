/** A study that is put together: its base, its scenarios, how often each is planned. */
import { say } from "../common/language";
import { ChangeForm } from "./ChangeForm";
import { known } from "./choices";
import {
  addChange,
  draft,
  emptyScenario,
  isReady,
  LIVE,
  set,
  setChange,
  setScenario,
  valuesOf,
  type Draft,
  type Kind,
  type Scenario,
} from "./draft";
import { AddChange, Measures, SweptQuantities } from "./Quantities";
import { busy, mistakes, start } from "./state";
import { WholeNumber } from "./WholeNumber";
import { STUDY_KINDS, studyKind } from "./words";

const MOST_DAYS = 31;
const MOST_SEEDS = 100;
const MOST_ITERATIONS = 200_000;
const MOST_SCENARIOS = 20;
/** Six territories, skills and parts each, and hours. */
const MOST_RELIEFS = 19;

export function Builder() {
  const { kind, scenarios } = draft.value;
  const ready = isReady(draft.value);
  const others = mistakes.value.filter((one) => !/\/changes\/\d|\/change(\/|$)/.test(one.pointer));
  const shown = kind === "compare" ? scenarios : scenarios.slice(0, 1);
  return (
    <form
      class="builder"
      onSubmit={(event) => {
        event.preventDefault();
        void start(draft.value);
      }}
    >
      <section>
        <h2>{say("What if …", "如果……")}</h2>
        <Question />
        <Basics />
      </section>
      {kind === "sweep" && <SweptQuantities />}
      {kind === "suggest" && <Measures />}
      {shown.map((scenario, number) => (
        <ScenarioCard key={scenario.id} scenario={scenario} number={number} />
      ))}
      {others.map((one) => (
        <p key={one.pointer + one.detail} class="mistake" role="alert">
          {one.pointer} {one.detail}
        </p>
      ))}
      <div class="buttons">
        {kind === "compare" && (
          <button
            type="button"
            disabled={scenarios.length >= MOST_SCENARIOS}
            onClick={() => set({ scenarios: [...scenarios, emptyScenario()] })}
          >
            {say("Another scenario", "再加一个情景")}
          </button>
        )}
        <span class="space" />
        {!ready && <span class="quiet">{missingText(kind)}</span>}
        <button type="submit" class="main" disabled={busy.value || !ready}>
          {busy.value ? say("Checking …", "检查中…") : say("Start", "开始")}
        </button>
      </div>
    </form>
  );
}

function missingText(kind: Kind): string {
  switch (kind) {
    case "sweep":
      return say(
        "Say what varies, and two values or more of each.",
        "请选择变化的量，并各给出至少两个取值。",
      );
    case "suggest":
      return say("Say what could be done, and how much of it.", "请列出可行措施及其数量。");
    default:
      return say("Each scenario needs a change.", "每个情景至少需要一项变更。");
  }
}

/** What is asked. */
function Question() {
  return (
    <fieldset class="questions">
      <legend class="unseen">{say("What is asked", "研究问题")}</legend>
      {STUDY_KINDS.map((kind) => (
        <label key={kind}>
          <input
            type="radio"
            name="kind"
            checked={draft.value.kind === kind}
            onChange={() => set({ kind })}
          />{" "}
          {studyKind(kind)}
        </label>
      ))}
    </fieldset>
  );
}

/** How often is planned. */
function effortText({ kind, seeds, scenarios, sweep }: Draft): string {
  const few = say(
    "Few seeds show only what is large; ten are a good start.",
    "种子少只能看出大的差异，10 个是不错的起点。",
  );
  switch (kind) {
    case "compare": {
      const runs = seeds * (scenarios.length + 1);
      return (
        say(
          `${runs} plans are made: what is so and each scenario, once with every seed. `,
          `将计划 ${runs} 次：基准与每个情景各用每个种子一次。`,
        ) + few
      );
    }
    case "sweep": {
      const points = sweep.map((one) => valuesOf(one).length);
      const runs = points.length === 0 ? 0 : points.reduce((all, one) => all * one, seeds);
      return (
        say(
          `${runs} plans are made: each value (of two quantities each pair) once with every seed. `,
          `将计划 ${runs} 次：每个取值（两个量时为每个组合）各用每个种子一次。`,
        ) + few
      );
    }
    case "bottlenecks":
      return (
        say(
          `Each scarce thing is made plentiful, alone: up to ${seeds * (MOST_RELIEFS + 1)} plans. `,
          `逐一放开每种紧缺资源：最多计划 ${seeds * (MOST_RELIEFS + 1)} 次。`,
        ) + few
      );
    case "suggest":
      return (
        say(
          `Sets of measures are tried, ${seeds} plans each, until the target is reached. `,
          `逐一尝试措施组合，每种计划 ${seeds} 次，直至达到目标。`,
        ) + few
      );
  }
}

function Basics() {
  const { name, base, start: first, days, policy, seeds, iterations } = draft.value;
  return (
    <>
      <div class="fields">
        <label class="field wide">
          {say("Name of the study", "研究名称")}
          <input
            value={name}
            maxLength={200}
            placeholder={say("such as: one more in Shenyang", "例如：沈阳多一人")}
            onInput={(event) => set({ name: event.currentTarget.value })}
          />
        </label>
        <label class="field">
          {say("Starts from", "基于")}
          <select value={base} onChange={(event) => set({ base: event.currentTarget.value })}>
            <option value={LIVE}>{say("what is so now", "当前实况")}</option>
            <option value="published">
              {say("the published plan's days", "发布计划的计划期")}
            </option>
            {(known.value?.drafts ?? []).map((number) => (
              <option key={number} value={String(number)}>
                {say(`draft ${number}`, `草稿 ${number}`)}
              </option>
            ))}
          </select>
        </label>
        {base === LIVE && (
          <>
            <label class="field">
              {say("First day", "首日")}
              <input
                type="date"
                value={first}
                onInput={(event) => set({ start: event.currentTarget.value })}
              />
            </label>
            <WholeNumber
              label={say("Days", "天数")}
              value={days}
              most={MOST_DAYS}
              placeholder={say("usual", "默认")}
              set={(typed) => set({ days: typed })}
            />
            <label class="field">
              {say("Policy", "策略")}
              <select
                value={policy}
                onChange={(event) => set({ policy: event.currentTarget.value })}
              >
                <option value="">{say("usual", "默认")}</option>
                {(known.value?.names.policies ?? []).map((one) => (
                  <option key={one.value} value={one.value}>
                    {one.text}
                  </option>
                ))}
              </select>
            </label>
          </>
        )}
        <WholeNumber
          label={say("Seeds", "种子数")}
          value={seeds}
          most={MOST_SEEDS}
          set={(typed) => set({ seeds: typed ?? 1 })}
        />
        <WholeNumber
          label={say("Iterations each", "每次迭代数")}
          value={iterations}
          most={MOST_ITERATIONS}
          set={(typed) => set({ iterations: typed ?? 1 })}
        />
      </div>
      <p class="quiet">{effortText(draft.value)}</p>
    </>
  );
}

function ScenarioCard({ scenario, number }: { scenario: Scenario; number: number }) {
  const isCompared = draft.value.kind === "compare";
  const title = isCompared
    ? say(`Scenario ${number + 1}`, `情景 ${number + 1}`)
    : say("Changed before (if anything)", "预先变更（可选）");
  const without = (all: Draft["scenarios"]) => all.filter((one) => one.id !== scenario.id);
  return (
    <section aria-label={title}>
      <div class="scenario-head">
        <h2>{title}</h2>
        {isCompared && (
          <input
            aria-label={say(`Name of scenario ${number + 1}`, `情景 ${number + 1} 名称`)}
            placeholder={say("Name", "名称")}
            maxLength={200}
            value={scenario.name}
            onInput={(event) => setScenario(scenario.id, { name: event.currentTarget.value })}
          />
        )}
        {isCompared && draft.value.scenarios.length > 1 && (
          <button
            type="button"
            class="plain"
            onClick={() => set({ scenarios: without(draft.value.scenarios) })}
          >
            {say("Remove", "移除")}
          </button>
        )}
      </div>
      {scenario.changes.map((change, place) => (
        <ChangeForm
          key={change.id}
          change={change}
          pointer={`/scenarios/${number}/changes/${place}`}
          changeTo={(values) => setChange(scenario, change.id, values)}
          remove={() => {
            const changes = scenario.changes.filter((one) => one.id !== change.id);
            setScenario(scenario.id, { changes });
          }}
        />
      ))}
      <AddChange
        label={
          isCompared
            ? say(`Add a change to scenario ${number + 1}`, `为情景 ${number + 1} 添加变更`)
            : say("Add a change before", "添加预先变更")
        }
        kinds={[...(known.value?.fields.keys() ?? [])]}
        add={(kind) => addChange(scenario, kind)}
      />
    </section>
  );
}
