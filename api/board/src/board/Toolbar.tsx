/** The bar on top: which plan, which days, which rows, and what can be done. */
import { useComputed } from "@preact/signals";
import { say } from "../common/language";
import { Choices } from "../common/Choices";
import { me } from "../common/Signed";
import { DAY_MS, dayAndTime, dayName, timeZone } from "../common/time";
import { panned } from "../timeline/scale";
import { canRedo, canUndo, redo, undo } from "./moves";
import { filter, type Filter, hidden } from "./rows";
import {
  board,
  connected,
  isDraft,
  lookAt,
  mayDispatch,
  mayPlan,
  now,
  PUBLISHED,
  showDays,
  versions,
  view,
  wanted,
} from "./store";

export type Dialog = "ticket" | "plan" | "publish" | "keys" | null;

interface ToolbarProps {
  ask: (dialog: Dialog) => void;
}

const WHO_STUDIES: readonly string[] = ["planner", "administrator"];

export function Toolbar({ ask }: ToolbarProps) {
  const role = me.value?.role ?? "viewer";
  return (
    <header class="topbar">
      <h1>{me.value?.organisation}</h1>
      <VersionPicker />
      <Days />
      <span class="space" />
      {mayDispatch.value && (
        <>
          <span class="group" role="group" aria-label={say("Undo and redo", "撤销与重做")}>
            <button type="button" disabled={!canUndo.value} onClick={() => void undo()}>
              {say("Undo", "撤销")}
            </button>
            <button type="button" disabled={!canRedo.value} onClick={() => void redo()}>
              {say("Redo", "重做")}
            </button>
          </span>
          <button type="button" class="main" onClick={() => ask("ticket")}>
            {say("New ticket", "新报修")}
          </button>
        </>
      )}
      {mayPlan.value && (
        <button type="button" onClick={() => ask("plan")}>
          {say("Plan", "排程")}
        </button>
      )}
      {mayPlan.value && isDraft.value && (
        <button type="button" class="main" onClick={() => ask("publish")}>
          {say("Publish", "发布")}
        </button>
      )}
      {WHO_STUDIES.includes(role) && me.value?.territories === null && (
        <a class="button" href="./scenarios.html">
          {say("What if", "情景")}
        </a>
      )}
      <a class="button" href="./manager.html">
        {say("Figures", "指标")}
      </a>
      <button
        type="button"
        class="plain"
        onClick={() => ask("keys")}
        aria-label={say("Help", "帮助")}
      >
        ?
      </button>
      <Choices />
      {!connected.value && (
        <span class="state broken" role="status">
          {say("not connected", "连接中断")}
        </span>
      )}
    </header>
  );
}

const EARLIER_SHOWN = 10;

function VersionPicker() {
  const drafts = versions.value.filter((one) => one.state === "draft");
  const superseded = versions.value.filter((one) => one.state === "superseded");
  const earlier = superseded.slice(0, EARLIER_SHOWN).map((one) => String(one.number));
  // What is looked at is always among them.
  const isListed = [PUBLISHED, ...drafts.map((one) => String(one.number)), ...earlier];
  if (!isListed.includes(wanted.value)) earlier.unshift(wanted.value);
  return (
    <label>
      <span class="unseen">{say("Version of the plan", "计划版本")}</span>
      <select
        value={wanted.value}
        onChange={(event) => lookAt(event.currentTarget.value)}
        title={board.value === null ? "" : `${board.value.policy}, ${board.value.made_by}`}
      >
        <option value={PUBLISHED}>{say("Published plan", "发布计划")}</option>
        {drafts.map((draft) => (
          <option key={draft.number} value={String(draft.number)}>
            {say("Draft", "草稿")} {draft.number} · {draft.made_by} ·{" "}
            {dayAndTime(Date.parse(draft.made_at))}
          </option>
        ))}
        {earlier.length > 0 && (
          <optgroup label={say("Published before", "曾经发布")}>
            {earlier.map((version) => (
              <option key={version} value={version}>
                {say(`Version ${version}`, `版本 ${version}`)}
              </option>
            ))}
          </optgroup>
        )}
      </select>
    </label>
  );
}

function Days() {
  const days = useComputed(() => Math.round((view.value.to - view.value.from) / DAY_MS));
  const middle = (view.value.from + view.value.to) / 2;
  const show = (count: number) => showDays(count === 1 ? middle : view.value.from, count);
  const step = Math.max(1, days.value) * DAY_MS;
  const go = (ms: number) => {
    view.value = panned(view.value, ms);
  };
  return (
    <>
      <span class="group" role="group" aria-label={say("Length of time", "时间跨度")}>
        {[1, 3, 7].map((count) => (
          <button
            key={count}
            type="button"
            aria-pressed={count === 1 ? days.value <= 1 : days.value === count}
            onClick={() => show(count)}
          >
            {[say("Day", "日"), say("3 days", "三日"), say("Week", "周")][[1, 3, 7].indexOf(count)]}
          </button>
        ))}
      </span>
      <span class="group" role="group" aria-label={say("Which time", "时间")}>
        <button type="button" aria-label={say("Earlier", "更早")} onClick={() => go(-step)}>
          ‹
        </button>
        <button type="button" onClick={() => showDays(now.value, Math.max(1, days.value))}>
          {say("Now", "现在")}
        </button>
        <button type="button" aria-label={say("Later", "更晚")} onClick={() => go(step)}>
          ›
        </button>
      </span>
      <span class="quiet" title={timeZone.value}>
        {dayName(middle)}
      </span>
    </>
  );
}

/** Which rows are shown, and what waits. */
export function Filters() {
  const technicians = board.value?.technicians ?? [];
  const territories = new Set(technicians.flatMap((one) => one.territories ?? []));
  const skills = new Set(technicians.flatMap((one) => Object.keys(one.skills ?? {})));
  const set = (part: Partial<Filter>) => {
    filter.value = { ...filter.value, ...part };
  };
  return (
    <>
      <Choice
        label={say("Territory", "责任区")}
        all={say("All territories", "全部责任区")}
        options={[...territories].sort().map((one) => [one, one])}
        value={filter.value.territory}
        pick={(territory) => set({ territory })}
      />
      <Choice
        label={say("Skill", "技能")}
        all={say("All skills", "全部技能")}
        options={[...skills].sort().map((one) => [one, one])}
        value={filter.value.skill}
        pick={(skill) => set({ skill })}
      />
      <Choice
        label={say("State", "状态")}
        all={say("All states", "全部状态")}
        options={[
          ["at_risk", say("▲ at risk", "▲ 有风险")],
          ["broken", say("✖ late", "✖ 超时")],
          ["changed", say("changed", "有变化")],
        ]}
        value={filter.value.state}
        pick={(state) => set({ state: state as Filter["state"] })}
      />
      <input
        type="search"
        id="search"
        aria-label={say("Search for a ticket, customer or technician", "搜索工单、客户或技术员")}
        placeholder={say("Ticket, customer, technician", "工单、客户、技术员")}
        value={filter.value.words}
        onInput={(event) => set({ words: event.currentTarget.value })}
      />
      {hidden.value > 0 && (
        <span class="quiet">{say(`${hidden.value} rows hidden`, `已隐藏 ${hidden.value} 行`)}</span>
      )}
    </>
  );
}

interface ChoiceProps {
  label: string;
  all: string;
  options: readonly (readonly [string, string])[];
  value: string;
  pick: (value: string) => void;
}

function Choice({ label, all, options, value, pick }: ChoiceProps) {
  return (
    <select aria-label={label} value={value} onChange={(event) => pick(event.currentTarget.value)}>
      <option value="">{all}</option>
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}
