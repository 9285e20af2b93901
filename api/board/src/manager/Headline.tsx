/** Attainment by clock: today, this week, this month and the chosen days, each against before. */
import { say } from "../common/language";
import type { Shapes } from "../common/api";
import { difference, percent, share, type Figures } from "./sums";
import { clockName, definition, shortDay } from "./words";

const STILL = 0.05;

export function Headline({ figures }: { figures: Figures }) {
  return (
    <section aria-labelledby="attainment">
      <h2 id="attainment">{say("Kept in time", "时限达成")}</h2>
      <div class="cards">
        {figures.spans.map(({ span, clocks }) => (
          <div class="card" key={span.name} data-span={span.name}>
            <h3>
              {spanName(span.name)} <span class="quiet">{daysSaid(span.first, span.last)}</span>
            </h3>
            <dl>
              {clocks.map((clock) => (
                <One key={clock.clock} clock={clock} />
              ))}
            </dl>
          </div>
        ))}
      </div>
      <p class="definition">
        {definition("attainment")} {definition("before")}
      </p>
    </section>
  );
}

function One({ clock }: { clock: Shapes["ClockShare"] }) {
  return (
    <div class="large" data-clock={clock.clock}>
      <dt>{clockName(clock.clock)}</dt>
      <dd class="value">{percent(share(clock.kept, clock.counted))}</dd>
      <dd class="change">
        <Difference points={difference(clock)} />
      </dd>
      <dd class="quiet count">
        {clock.counted === 0
          ? say("none due", "无到期")
          : say(
              `${clock.counted - clock.kept} of ${clock.counted} late`,
              `${clock.counted} 个中超时 ${clock.counted - clock.kept}`,
            )}
      </dd>
    </div>
  );
}

/** ▲ 1.2 points better, ▼ worse: told by sign, not by colour alone. */
export function Difference({ points }: { points: number | null }) {
  if (points === null) return <span class="quiet">–</span>;
  if (Math.abs(points) < STILL) return <span class="quiet">= {say("as before", "持平")}</span>;
  const better = points > 0;
  return (
    <span class={better ? "better" : "worse"}>
      <span aria-hidden="true">{better ? "▲" : "▼"}</span>
      <span class="unseen">{better ? say("better by", "提高") : say("worse by", "下降")}</span>{" "}
      {Math.abs(points).toFixed(1)} {say("pt", "点")}
    </span>
  );
}

function spanName(name: Shapes["SpanName"]): string {
  return {
    today: say("Today", "今天"),
    week: say("This week", "本周"),
    month: say("This month", "本月"),
    chosen: say("Chosen days", "所选期间"),
  }[name];
}

function daysSaid(first: string, last: string): string {
  return first === last ? shortDay(first) : `${shortDay(first)} – ${shortDay(last)}`;
}
