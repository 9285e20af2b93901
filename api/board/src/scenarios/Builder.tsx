/** A study that is put together: its base, its scenarios, how often each is planned. */
import { say } from "../common/language";
import { ChangeForm } from "./ChangeForm";
import { known } from "./choices";
import {
  addChange,
  draft,
  emptyScenario,
  LIVE,
  set,
  setScenario,
  type Draft,
  type Scenario,
} from "./draft";
import { busy, mistakes, start } from "./state";
import { kindText } from "./words";

const MOST_DAYS = 31;
const MOST_SEEDS = 100;
const MOST_ITERATIONS = 200_000;
const MOST_SCENARIOS = 20;

export function Builder() {
  const { scenarios } = draft.value;
  const isReady = scenarios.every((one) => one.changes.length > 0);
  const others = mistakes.value.filter((one) => !/\/changes\/\d/.test(one.pointer));
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
        <Basics />
      </section>
      {scenarios.map((scenario, number) => (
        <ScenarioCard key={scenario.id} scenario={scenario} number={number} />
      ))}
      {others.map((one) => (
        <p key={one.pointer + one.detail} class="mistake" role="alert">
          {one.pointer} {one.detail}
        </p>
      ))}
      <div class="buttons">
        <button
          type="button"
          disabled={scenarios.length >= MOST_SCENARIOS}
          onClick={() => set({ scenarios: [...scenarios, emptyScenario()] })}
        >
          {say("Another scenario", "再加一个情景")}
        </button>
        <span class="space" />
        {!isReady && (
          <span class="quiet">
            {say("Each scenario needs a change.", "每个情景至少需要一项变更。")}
          </span>
        )}
        <button type="submit" class="main" disabled={busy.value || !isReady}>
          {busy.value ? say("Checking …", "检查中…") : say("Start", "开始")}
        </button>
      </div>
    </form>
  );
}

function Basics() {
  const { name, base, start: first, days, policy, seeds, iterations } = draft.value;
  const runs = seeds * (draft.value.scenarios.length + 1);
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
      <p class="quiet">
        {say(
          `${runs} plans are made: what is so and each scenario, once with every seed. Few seeds show only what is large; ten are a good start.`,
          `将计划 ${runs} 次：基准与每个情景各用每个种子一次。种子少只能看出大的差异，10 个是不错的起点。`,
        )}
      </p>
    </>
  );
}

interface NumberProps {
  label: string;
  value: number | null;
  most: number;
  placeholder?: string;
  set: (typed: number | null) => void;
}

function WholeNumber({ label, value, most, placeholder, set: give }: NumberProps) {
  return (
    <label class="field">
      {label}
      <input
        type="number"
        min="1"
        max={most}
        step="1"
        placeholder={placeholder}
        value={value ?? ""}
        onInput={(event) => {
          const typed = event.currentTarget.valueAsNumber;
          give(Number.isNaN(typed) ? null : typed);
        }}
      />
    </label>
  );
}

function ScenarioCard({ scenario, number }: { scenario: Scenario; number: number }) {
  const kinds = [...(known.value?.fields.keys() ?? [])];
  const title = say(`Scenario ${number + 1}`, `情景 ${number + 1}`);
  const without = (all: Draft["scenarios"]) => all.filter((one) => one.id !== scenario.id);
  return (
    <section aria-label={title}>
      <div class="scenario-head">
        <h2>{title}</h2>
        <input
          aria-label={say(`Name of scenario ${number + 1}`, `情景 ${number + 1} 名称`)}
          placeholder={say("Name", "名称")}
          maxLength={200}
          value={scenario.name}
          onInput={(event) => setScenario(scenario.id, { name: event.currentTarget.value })}
        />
        {draft.value.scenarios.length > 1 && (
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
          scenario={scenario}
          change={change}
          pointer={`/scenarios/${number}/changes/${place}`}
          remove={() => {
            const changes = scenario.changes.filter((one) => one.id !== change.id);
            setScenario(scenario.id, { changes });
          }}
        />
      ))}
      <select
        aria-label={say(`Add a change to scenario ${number + 1}`, `为情景 ${number + 1} 添加变更`)}
        value=""
        onChange={(event) => {
          if (event.currentTarget.value !== "") addChange(scenario, event.currentTarget.value);
          event.currentTarget.value = "";
        }}
      >
        <option value="">{say("Add a change …", "添加变更…")}</option>
        {kinds.map((kind) => (
          <option key={kind} value={kind}>
            {kindText(kind)}
          </option>
        ))}
      </select>
    </section>
  );
}
