/** What sweeps, bottlenecks and suggested measures came to. */
import type { Shapes } from "../common/api";
import { say } from "../common/language";
import { duration, yuan } from "../common/time";
import { Bar, reachOf } from "./Bar";
import { Curve } from "./Curve";
import type { WrittenQuantity } from "./draft";
import { Grid } from "./Grid";
import type { Study } from "./state";
import { Changes, told } from "./told";
import { fieldText, kindText } from "./words";

type Saving = Shapes["ToldSaving"];

interface SweptProps {
  study: Study;
  found: Shapes["ToldSweep"];
}

export function Swept({ study, found }: SweptProps) {
  const axes = study.sweep as unknown as readonly WrittenQuantity[];
  const names = axes.map(({ change, vary }) => {
    const kind = String(change.change);
    return `${kindText(kind)}: ${fieldText(kind, vary ?? "")}`;
  });
  const seeds = Math.min(...found.points.map((one) => one.seeds));
  const { asked } = study.facts;
  const knee = found.points.find((one) => one.is_knee)?.values ?? [];
  const values = names.map((name, index) => `${name} = ${knee[index] ?? ""}`).join(", ");
  const sentence = say(`The knee: ${values}.`, `拐点：${values}。`);
  return (
    <>
      <section aria-label={say("Cost by value", "各取值的成本")}>
        <h2>
          {names.join(" × ")}{" "}
          <span class="quiet">
            {seeds < asked.seeds
              ? say(`${seeds} of ${asked.seeds} seeds`, `${seeds}/${asked.seeds} 个种子`)
              : say(`${seeds} seeds`, `${seeds} 个种子`)}
          </span>
        </h2>
        <Changes changes={found.changes} />
        <p class="verdict">{sentence}</p>
        {axes.length === 1 && found.points.length > 1 && (
          <Curve
            points={found.points}
            name={names[0] ?? ""}
            isPriced={axes[0]?.yuan !== 0}
            label={sentence}
          />
        )}
        {axes.length > 1 && (
          <Grid
            points={found.points}
            names={names}
            label={say("Cost by both values", "两个量各取值的成本")}
          />
        )}
        {axes.length > 1 ? (
          <details>
            <summary>{say("All figures", "全部指标")}</summary>
            <Points names={names} found={found} />
          </details>
        ) : (
          <Points names={names} found={found} />
        )}
      </section>
      {found.steps.length > 0 && (
        <Savings
          title={say("What one more saves in the plan", "每多一个单位节省的计划成本")}
          what={names[0] ?? ""}
          savings={found.steps}
        />
      )}
    </>
  );
}

function Points({ names, found }: { names: readonly string[]; found: Shapes["ToldSweep"] }) {
  const label = say("Figures by value", "各取值的指标");
  return (
    <div class="scrolls" tabIndex={0} role="group" aria-label={label}>
      <table>
        <caption class="unseen">{label}</caption>
        <thead>
          <tr>
            {names.map((one) => (
              <th key={one} scope="col" class="number">
                {one}
              </th>
            ))}
            <th scope="col" />
            <th scope="col" class="number">
              {say("Plan", "计划成本")}
            </th>
            <th scope="col" class="number">
              {say("With its price", "含措施花费")}
            </th>
            <th scope="col" class="number">
              {say("On site in time", "到场按时率")}
            </th>
            <th scope="col" class="number">
              {say("Left out", "未排")}
            </th>
            <th scope="col" class="number">
              {say("Overtime", "加班")}
            </th>
          </tr>
        </thead>
        <tbody>
          {found.points.map((one) => (
            <tr key={one.values.join()} class={one.is_knee ? "knee" : ""}>
              {one.values.map((value, index) => (
                <th key={index} scope="row" class="number">
                  {value}
                </th>
              ))}
              <td>{one.is_knee ? say("◆ knee", "◆ 拐点") : ""}</td>
              <td class="number">{yuan(one.cost_fen)}</td>
              <td class="number">{yuan(one.whole_fen)}</td>
              <td class="number">
                {one.on_site_percent === null ? "–" : `${one.on_site_percent.toFixed(1)} %`}
              </td>
              <td class="number">{one.unassigned.toFixed(1)}</td>
              <td class="number">{duration(one.overtime_s)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Bottlenecks({ found }: { found: Shapes["ToldBottlenecks"] }) {
  return (
    <section aria-label={say("Bottlenecks", "瓶颈")}>
      <h2>{say("What holds the plan back", "瓶颈")}</h2>
      <Changes changes={found.changes} />
      <p class="verdict">{told(found.sentence)}</p>
      {found.bottlenecks.length > 0 && (
        <SavingTable what={say("Made plentiful, alone", "单独放开")} savings={found.bottlenecks} />
      )}
    </section>
  );
}

interface SavingsProps {
  title: string;
  what: string;
  savings: readonly Saving[];
}

function Savings({ title, what, savings }: SavingsProps) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <SavingTable what={what} savings={savings} />
    </section>
  );
}

/** All on one scale, so that they can be compared. */
function SavingTable({ what, savings }: Omit<SavingsProps, "title">) {
  const figures = savings.map((one) => ({
    mean: one.fen,
    low: one.low_fen,
    high: one.high_fen,
    is_clear: one.is_clear,
    is_same: one.low_fen === 0 && one.high_fen === 0,
    verdict: one.is_clear ? Math.sign(one.fen) : 0,
  }));
  const reach = Math.max(...figures.map(reachOf));
  return (
    <div class="scrolls" tabIndex={0} role="group" aria-label={what}>
      <table class="compared">
        <thead>
          <tr>
            <th scope="col">{what}</th>
            <th scope="col" class="number">
              {say("Saves", "节省")}
            </th>
            <th scope="col">{say("Where the true one lies", "真实值所在区间")}</th>
            <th scope="col" class="number">
              {say("Between", "区间")}
            </th>
            <th scope="col">{say("Verdict", "判断")}</th>
          </tr>
        </thead>
        <tbody>
          {savings.map((one, index) => {
            const figure = figures[index];
            return (
              <tr key={one.label.en}>
                <th scope="row">{told(one.label)}</th>
                <td class="number">{yuan(one.fen)}</td>
                <td>
                  {figure !== undefined && (
                    <Bar
                      figure={figure}
                      reach={reach}
                      label={`${told(one.label)}: ${yuan(one.fen)}`}
                    />
                  )}
                </td>
                <td class="number">{betweenText(one)}</td>
                <td class={`verdict ${one.is_clear ? "" : "noise"}`}>
                  {one.is_clear
                    ? say("● clear", "● 明确")
                    : figure?.is_same === true
                      ? say("= same", "= 相同")
                      : say("~ noise", "~ 波动")}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function betweenText({ low_fen: low, high_fen: high }: Saving): string {
  return low === null || high === null ? "?" : `${yuan(low)} … ${yuan(high)}`;
}

export function Suggested({ found }: { found: Shapes["ToldSuggestion"] }) {
  const label = say("What each price buys", "花费与达成率");
  return (
    <section aria-label={label}>
      <h2>{label}</h2>
      <Changes changes={found.changes} />
      {found.sentences.map((one, index) => (
        <p key={one.en} class={index === 1 ? "verdict" : "quiet"}>
          {told(one)}
        </p>
      ))}
      <div class="scrolls" tabIndex={0} role="group" aria-label={label}>
        <table class="compared">
          <thead>
            <tr>
              <th scope="col">{say("Measures", "措施")}</th>
              <th scope="col" />
              <th scope="col" class="number">
                {say("Price", "花费")}
              </th>
              <th scope="col" class="number">
                {say("Reaches", "达到")}
              </th>
              <th scope="col" class="number">
                {say("Plan", "计划成本")}
              </th>
            </tr>
          </thead>
          <tbody>
            {found.frontier.map((one) => (
              <tr key={one.text.en} class={one.is_best ? "knee" : ""}>
                <th scope="row">{told(one.text)}</th>
                <td>{one.is_best ? say("◆ suggested", "◆ 建议") : ""}</td>
                <td class="number">{yuan(one.yuan * FEN)}</td>
                <td class="number">{one.percent.toFixed(1)} %</td>
                <td class="number">{yuan(one.cost_fen)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const FEN = 100;
