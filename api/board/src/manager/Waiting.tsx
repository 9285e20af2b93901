/** Open work orders by age. */
import { say } from "../common/language";
import type { Shapes } from "../common/api";
import type { Figures } from "./sums";
import { definition } from "./words";

const DAY_H = 24;

export function Waiting({ figures }: { figures: Figures }) {
  const most = Math.max(1, ...figures.ages.map((age) => age.waiting));
  return (
    <section aria-labelledby="waiting">
      <h2 id="waiting">{say("Open work orders by age", "未结派工单账龄")}</h2>
      <table>
        <thead>
          <tr>
            <th>{say("reported", "报修至今")}</th>
            <th class="bars" aria-hidden="true" />
            <th class="number">{say("open", "未结")}</th>
            <th class="number">{say("nobody told", "未通知")}</th>
          </tr>
        </thead>
        <tbody>
          {figures.ages.map((age) => (
            <tr key={age.from_h}>
              <th scope="row">{ageSaid(age)}</th>
              <td class="bars" aria-hidden="true">
                <span class="bar">
                  <span style={{ width: `${(100 * age.waiting) / most}%` }} />
                </span>
              </td>
              <td class="number">{age.waiting}</td>
              <td class="number">{age.unassigned}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="definition">
        {definition("waiting")} {definition("unassigned")}
      </p>
    </section>
  );
}

function ageSaid(age: Shapes["Age"]): string {
  const from = age.from_h / DAY_H;
  if (age.until_h === null) return say(`${from} days and more`, `${from} 天以上`);
  const until = age.until_h / DAY_H;
  if (from === 0) return say("less than a day", "不到 1 天");
  return say(`${from} to ${until} days`, `${from} 至 ${until} 天`);
}
