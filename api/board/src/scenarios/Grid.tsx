/** The cost at each pair of values of two quantities, and what one more of each saves there. */
import type { Shapes } from "../common/api";
import { say } from "../common/language";
import { yuan } from "../common/time";

type Point = Shapes["ToldPoint"];
type Saving = Shapes["ToldSaving"];

const LEVELS = 5;

interface GridProps {
  points: readonly Point[];
  names: readonly string[];
  label: string;
}

export function Grid({ points, names, label }: GridProps) {
  const rows = valuesAt(points, 0);
  const columns = valuesAt(points, 1);
  const found = new Map(points.map((one) => [one.values.join(), one]));
  const costs = points.map((one) => one.whole_fen);
  const [least, most] = [Math.min(...costs), Math.max(...costs)];
  const level = (one: Point) =>
    most === least ? 0 : Math.round((LEVELS * (one.whole_fen - least)) / (most - least));
  return (
    <>
      <div class="scrolls" tabIndex={0} role="group" aria-label={label}>
        <table class="grid">
          <caption class="unseen">{label}</caption>
          <thead>
            <tr>
              <th scope="col" rowSpan={2} class="number">
                {names[0]} ↓
              </th>
              <th scope="colgroup" colSpan={columns.length}>
                {names[1]} →
              </th>
            </tr>
            <tr>
              {columns.map((value) => (
                <th key={value} scope="col" class="number">
                  {value}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row}>
                <th scope="row" class="number">
                  {row}
                </th>
                {columns.map((column) => {
                  const one = found.get(`${row},${column}`);
                  return one === undefined ? (
                    <td key={column} />
                  ) : (
                    <Cell key={column} point={one} level={level(one)} />
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="quiet">
        {say(
          "Cost of the plan and these values, the dearest darkest. ↓ and →: what each unit more saves in the plan, from the value above and from the left; ~ may be noise.",
          "计划成本加措施花费，越贵颜色越深。↓ 和 →：相对上方和左侧取值，每多一个单位节省的计划成本；~ 可能只是波动。",
        )}
      </p>
    </>
  );
}

function Cell({ point, level }: { point: Point; level: number }) {
  const [down, along] = point.saved ?? [];
  return (
    <td class={`number level${level} ${point.is_knee ? "knee" : ""}`}>
      <strong>
        {point.is_knee && say("◆ knee ", "◆ 拐点 ")}
        {yuan(point.whole_fen)}
      </strong>
      <br />
      <small>
        {savingText("↓", down)} {savingText("→", along)}
      </small>
    </td>
  );
}

function savingText(way: string, saving: Saving | null | undefined): string {
  if (saving === null || saving === undefined) return "";
  return `${way} ${saving.is_clear ? "" : "~ "}${yuan(saving.fen)}`;
}

/** What a quantity takes, in rising order. */
function valuesAt(points: readonly Point[], index: number): number[] {
  return [...new Set(points.map((one) => one.values[index] ?? 0))].sort((a, b) => a - b);
}
