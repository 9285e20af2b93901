/** A study that was asked for: how far it is, and each scenario beside what would be without it. */
import { useEffect } from "preact/hooks";
import { language, say } from "../common/language";
import type { Shapes } from "../common/api";
import { dayAndTime } from "../common/time";
import { Bar, reachOf } from "./Bar";
import { draft, draftOf } from "./draft";
import {
  cancel,
  follow,
  isOver,
  lookAt,
  progress,
  saveReport,
  study,
  type Study,
  type StudyFacts,
} from "./state";
import { Bottlenecks, Suggested, Swept } from "./Searched";
import { Changes, told } from "./told";
import { studyKind, studyState } from "./words";

type Found = Shapes["ToldScenario"];
type Figure = Shapes["ToldFigure"];

export function Result({ id }: { id: string }) {
  useEffect(() => follow(id), [id]);
  const found = study.value;
  if (found === null) return <p role="status">{say("Reading …", "读取中…")}</p>;
  return (
    <>
      <Head found={found} />
      {found.found.map((one) => (
        <Comparison key={one.name} found={one} asked={found.facts.asked.seeds} />
      ))}
      {found.swept !== null && <Swept study={found} found={found.swept} />}
      {found.bottlenecks !== null && <Bottlenecks found={found.bottlenecks} />}
      {found.suggested !== null && <Suggested found={found.suggested} />}
    </>
  );
}

/** Whether anything was found so far. */
function isEmpty({ found, swept, bottlenecks, suggested }: Study): boolean {
  return found.length === 0 && swept === null && bottlenecks === null && suggested === null;
}

function Head({ found }: { found: Study }) {
  const { facts } = found;
  const { asked } = facts;
  const over = isOver(facts);
  const error = language.value === "zh" ? facts.error_zh : facts.error_en;
  return (
    <section>
      <div class="scenario-head">
        <h2>{asked.name}</h2>
        <span class="space" />
        {!over && (
          <button
            type="button"
            disabled={facts.cancel_asked_at !== null}
            onClick={() => cancel(facts.id)}
          >
            {say("Stop, keep what is there", "停止并保留结果")}
          </button>
        )}
        {found.has_report && (
          <>
            <button type="button" onClick={() => void saveReport(facts.id, asked.name, "html")}>
              {say("Report", "报告")}
            </button>
            <button type="button" onClick={() => void saveReport(facts.id, asked.name, "xlsx")}>
              Excel
            </button>
          </>
        )}
        <button
          type="button"
          onClick={() => {
            draft.value = draftOf(found);
            lookAt(null);
          }}
        >
          {say("Change and ask again", "修改后重做")}
        </button>
      </div>
      <p class="quiet">
        {studyKind(asked.kind ?? "compare")} · {facts.asked_by} ·{" "}
        {dayAndTime(Date.parse(facts.queued_at))} · {baseText(asked.base)} ·{" "}
        {say(`${asked.seeds} seeds`, `${asked.seeds} 个种子`)} ·{" "}
        {say(`${asked.iterations} iterations each`, `每次 ${asked.iterations} 次迭代`)}
      </p>
      <HowFar facts={facts} />
      {error !== null && <p role="alert">{error}</p>}
      {over && isEmpty(found) && error === null && (
        <p>{say("Stopped before there was anything to compare.", "停止时尚无可比较的结果。")}</p>
      )}
    </section>
  );
}

export function baseText(base: string): string {
  if (base === "live") return say("the facts of then", "当时实况");
  if (base === "published") return say("published plan", "发布计划");
  return say(`version ${base}`, `版本 ${base}`);
}

function HowFar({ facts }: { facts: StudyFacts }) {
  const at = progress.value;
  const state = studyState(facts.state);
  if (isOver(facts)) {
    const runs = at === null ? "" : ` · ${say(`${at.done} plans`, `${at.done} 次计划`)}`;
    return <p role="status">{state + runs}</p>;
  }
  if (at === null) {
    const ahead = facts.ahead ?? 0;
    return (
      <p role="status">
        {ahead > 0
          ? say(`${ahead} studies go first.`, `前面还有 ${ahead} 项研究。`)
          : say("Beginning …", "即将开始…")}
      </p>
    );
  }
  const done = say(`${at.done} of ${at.total} plans`, `已完成 ${at.done}/${at.total} 次计划`);
  return (
    <div class="how-far">
      <progress max={at.total} value={at.done} aria-label={done} />
      <span role="status">
        {facts.cancel_asked_at !== null
          ? say("Ending what is under way …", "正在结束…")
          : at.is_compiling
            ? say("Making the search ready (once) …", "正在准备搜索程序（仅首次）…")
            : done}
      </span>
    </div>
  );
}

interface ComparisonProps {
  found: Found;
  /** How many seeds there are to be. */
  asked: number;
}

function Comparison({ found, asked }: ComparisonProps) {
  const keys = found.figures.filter((one) => one.is_key);
  const parts = found.figures.filter((one) => !one.is_key && !one.is_same);
  const clear = keys.filter((one) => one.is_clear);
  return (
    <section aria-label={found.name}>
      <h2>
        {found.name}{" "}
        <span class="quiet">
          {found.seeds < asked
            ? say(`${found.seeds} of ${asked} seeds`, `${found.seeds}/${asked} 个种子`)
            : say(`${asked} seeds`, `${asked} 个种子`)}
        </span>
      </h2>
      <Changes changes={found.changes} />
      <p class="verdict">{told(found.sentence)}</p>
      {clear.length > 0 && (
        <ul class="sentences">
          {clear.map((one) => (
            <li key={one.code}>{told(one.sentence)}</li>
          ))}
        </ul>
      )}
      {found.prices_differ && (
        <p class="quiet">
          {say(
            "Prices or terms differ: each side's cost is by its own.",
            "价格或条款不同：两侧成本各按自己的计算。",
          )}
        </p>
      )}
      <Figures figures={keys} caption={say("Key figures", "关键指标")} name={found.name} />
      {parts.length > 0 && (
        <details>
          <summary>{say(`Parts (${parts.length})`, `分项（${parts.length}）`)}</summary>
          <Figures figures={parts} caption={say("Parts", "分项")} name={found.name} />
        </details>
      )}
      <Hands found={found} />
    </section>
  );
}

interface FiguresProps {
  figures: readonly Figure[];
  caption: string;
  name: string;
}

function Figures({ figures, caption, name }: FiguresProps) {
  return (
    <div class="scrolls" tabIndex={0} role="group" aria-label={caption}>
      <table class="compared">
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{say("Figure", "指标")}</th>
            <th scope="col" class="number">
              {say("Baseline", "基准")}
            </th>
            <th scope="col" class="number">
              {name}
            </th>
            <th scope="col" class="number">
              {say("Difference", "差异")}
            </th>
            <th scope="col">{say("Where the true one lies", "真实差异所在区间")}</th>
            <th scope="col">{say("Verdict", "判断")}</th>
          </tr>
        </thead>
        <tbody>
          {figures.map((one) => (
            <tr key={one.code} data-figure={one.code}>
              <th scope="row">{told(one.label)}</th>
              <td class="number">{told(one.before)}</td>
              <td class="number">{told(one.after)}</td>
              <td class="number">{one.is_same ? "0" : told(one.difference)}</td>
              <td>
                <Bar figure={one} reach={reachOf(one)} label={told(one.sentence)} />
              </td>
              <td class={`verdict ${verdictOf(one)}`}>{verdictText(one)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function verdictOf(one: Figure): string {
  if (one.is_same) return "same";
  if (!one.is_clear) return "noise";
  return one.verdict > 0 ? "better" : one.verdict < 0 ? "worse" : "clear";
}

function verdictText(one: Figure): string {
  return {
    same: say("= same", "= 相同"),
    noise: say("~ noise", "~ 波动"),
    better: say("▲ better", "▲ 变好"),
    worse: say("▼ worse", "▼ 变差"),
    clear: say("● clear", "● 明确"),
  }[verdictOf(one) as "same"];
}

const HANDS_SHOWN = 15;

function Hands({ found }: { found: Found }) {
  const { hands } = found;
  if (hands.length === 0) {
    return (
      <p class="quiet">
        {say("No visit is in other hands in every run.", "没有任务在所有运行中都换人。")}
      </p>
    );
  }
  const out = say("left out", "未排");
  const who = (ids: readonly string[]) => ids.join(", ") || out;
  return (
    <details open={hands.length <= HANDS_SHOWN}>
      <summary>
        {say(
          `Visits in other hands in every run (${hands.length})`,
          `所有运行中都换人的任务（${hands.length}）`,
        )}
      </summary>
      <div class="scrolls" tabIndex={0} role="group" aria-label={say("In other hands", "换人任务")}>
        <table class="hands">
          <thead>
            <tr>
              <th scope="col">{say("Visit", "任务")}</th>
              <th scope="col">{say("Before", "原承担")}</th>
              <th scope="col">{say("Now", "现承担")}</th>
              <th scope="col">{say("Why", "原因")}</th>
            </tr>
          </thead>
          <tbody>
            {hands.map((one) => (
              <tr key={one.visit_id}>
                <th scope="row">{one.visit_id}</th>
                <td>{who(one.before)}</td>
                <td>{who(one.after)}</td>
                <td>{told(one.why)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
