/** What else to know at a glance, each figure with what it means. */
import { say } from "../common/language";
import { percent, recordedDays, share, workOf, type Figures } from "./sums";
import { Difference } from "./Headline";
import { definition, hours } from "./words";

export function Strip({ figures }: { figures: Figures }) {
  const { done, done_before: before } = figures;
  const work = workOf(figures.loads, recordedDays(figures));
  const late = figures.running_out.filter((one) => one.state === "broken").length;
  const waiting = figures.ages.reduce((sum, age) => sum + age.waiting, 0);
  const unassigned = figures.ages.reduce((sum, age) => sum + age.unassigned, 0);
  const fixed = share(done.first_time ?? 0, done.repaired ?? 0);
  const fixedBefore = share(before.first_time ?? 0, before.repaired ?? 0);
  const points = fixed === null || fixedBefore === null ? null : (fixed - fixedBefore) * 100;
  return (
    <section aria-label={say("At a glance", "概览")}>
      <dl class="strip">
        <div data-figure="late" title={definition("running_out")}>
          <dt>
            <span class="state broken">{say("overdue now", "当前超时")}</span>
          </dt>
          <dd>{late}</dd>
        </div>
        <div data-figure="at_risk" title={definition("running_out")}>
          <dt>
            <span class="state at_risk">{say("due within 4 h", "4 小时内到期")}</span>
          </dt>
          <dd>{figures.running_out.length - late}</dd>
        </div>
        <div data-figure="waiting" title={definition("waiting")}>
          <dt>{say("open work orders", "未结派工单")}</dt>
          <dd>
            {waiting}
            <small>
              {say(`${unassigned} with nobody told`, `其中 ${unassigned} 单未通知技术员`)}
            </small>
          </dd>
        </div>
        <div data-figure="first_time" title={definition("first_time_fix")}>
          <dt>{say("first-time fix", "一次修复率")}</dt>
          <dd>
            {percent(fixed)}
            <small>
              <Difference points={points} />
            </small>
          </dd>
        </div>
        <div data-figure="complaints" title={definition("complaints")}>
          <dt>{say("complaints", "投诉")}</dt>
          <dd>
            {done.complaints}
            <small>
              {say(
                `${done.complaints_open} open · ${before.complaints} before`,
                `未结 ${done.complaints_open} · 上期 ${before.complaints}`,
              )}
            </small>
          </dd>
        </div>
        <div data-figure="utilisation" title={definition("utilisation")}>
          <dt>{say("utilisation", "工时利用率")}</dt>
          <dd>{percent(share(work.worked, work.regular))}</dd>
        </div>
        <div data-figure="overtime" title={definition("overtime")}>
          <dt>{say("overtime", "加班")}</dt>
          <dd>{hours(work.overtime)}</dd>
        </div>
        <div data-figure="parts_short" title={definition("parts_short")}>
          <dt>{say("parts short", "缺料")}</dt>
          <dd>
            {figures.parts_short.length}
            <small>
              {say(
                `${figures.parts_short.reduce((sum, p) => sum + p.needed - p.free, 0)} units`,
                `共 ${figures.parts_short.reduce((sum, p) => sum + p.needed - p.free, 0)} 件`,
              )}
            </small>
          </dd>
        </div>
      </dl>
      <p class="definition">
        {definition("first_time_fix")} {definition("complaints")}
      </p>
    </section>
  );
}
