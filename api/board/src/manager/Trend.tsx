/** Attainment by clock over the chosen days: the mean of seven days as a line, each day as a dot.
 *
 * Drawn as SVG: it takes its colours from the style sheet, also on paper, and scales there. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { say } from "../common/language";
import { days } from "./state";
import { CLOCKS, percent, trendOf, type Clock, type Figures, type TrendPoint } from "./sums";
import { clockName, longDay, shortDay } from "./words";

const HEIGHT = 300;
const LEFT = 46;
const RIGHT = 98;
const TOP = 12;
const BOTTOM = 26;
const LINE_PX = 15;
const TICK_PX = 90;
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5];
const MOST_STEPS = 5;

interface Line {
  clock: Clock;
  points: TrendPoint[];
}

export function Trend({ figures }: { figures: Figures }) {
  const { from, until } = days.value;
  const shownUntil = until < figures.today ? until : figures.today;
  const lines = CLOCKS.map((clock) => ({
    clock,
    points: trendOf(figures.by_day, clock, from, shownUntil),
  })).filter((line) => line.points.some((point) => point.counted > 0));
  return (
    <section aria-labelledby="trend" class="trend">
      <h2 id="trend">
        {say("Trend", "趋势")}{" "}
        <span class="quiet">
          {say("mean of seven days; dots are single days", "七日均值；圆点为单日")}
        </span>
      </h2>
      {lines.length === 0 ? (
        <p>{say("No clock was due on these days.", "这些日期没有到期的时限。")}</p>
      ) : (
        <>
          <Chart lines={lines} />
          <details class="no-print">
            <summary>{say("As a table", "表格")}</summary>
            <AsTable lines={lines} />
          </details>
        </>
      )}
    </section>
  );
}

function Chart({ lines }: { lines: readonly Line[] }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(640);
  const at = useSignal<number | null>(null);
  useEffect(() => {
    if (box.current === null) return;
    const seen = new ResizeObserver((entries) => {
      width.value = Math.max(280, entries[0]?.contentRect.width ?? 0);
    });
    seen.observe(box.current);
    return () => seen.disconnect();
  }, []);
  const count = lines[0]?.points.length ?? 0;
  const floor = floorOf(lines);
  const inner = width.value - LEFT - RIGHT;
  const x = (index: number) => LEFT + (count < 2 ? inner / 2 : (inner * index) / (count - 1));
  const y = (value: number) =>
    TOP + ((1 - Math.max(value, floor)) / (1 - floor)) * (HEIGHT - TOP - BOTTOM);
  const every = Math.max(1, Math.ceil(count / Math.max(1, inner / TICK_PX)));
  return (
    <div ref={box}>
      <svg
        role="img"
        aria-label={say(
          "Attainment by day; the figures are in the table below",
          "每日达成率；数据见下方表格",
        )}
        viewBox={`0 0 ${width.value} ${HEIGHT}`}
        class="chart"
        onPointerMove={(event) => {
          const shown = event.currentTarget.getBoundingClientRect();
          const along = ((event.clientX - shown.left) / shown.width) * width.value;
          const index = Math.round(((along - LEFT) / inner) * (count - 1));
          at.value = Math.min(count - 1, Math.max(0, index));
        }}
        onPointerLeave={() => {
          at.value = null;
        }}
      >
        {stepsFrom(floor).map((value) => (
          <g key={value}>
            <line class="grid" x1={LEFT} x2={LEFT + inner} y1={y(value)} y2={y(value)} />
            <text x={LEFT - 6} y={y(value) + 4} text-anchor="end">
              {Math.round(value * 100)} %
            </text>
          </g>
        ))}
        {lines[0]?.points.map((point, index) =>
          index % every === 0 ? (
            <text key={point.day} x={x(index)} y={HEIGHT - 8} text-anchor="middle">
              {shortDay(point.day)}
            </text>
          ) : null,
        )}
        {at.value !== null && (
          <line class="cursor" x1={x(at.value)} x2={x(at.value)} y1={TOP} y2={HEIGHT - BOTTOM} />
        )}
        {lines.map(({ clock, points }) => (
          <g key={clock} class={`line ${clock}`}>
            {points.map((point, index) =>
              point.share === null ? null : (
                <circle key={point.day} cx={x(index)} cy={y(point.share)} r={2} />
              ),
            )}
            <path d={pathOf(points, x, y)} />
          </g>
        ))}
        {labels(lines, y).map(({ clock, top, text }) => (
          <text key={clock} class={`label ${clock}`} x={LEFT + inner + 8} y={top}>
            {text}
          </text>
        ))}
      </svg>
      <p class="read no-print" aria-hidden="true">
        {at.value === null ? " " : readOut(lines, at.value)}
      </p>
    </div>
  );
}

function AsTable({ lines }: { lines: readonly Line[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th>{say("day", "日期")}</th>
          {lines.map(({ clock }) => (
            <th key={clock} class="number">
              {clockName(clock)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lines[0]?.points.map((point, index) => (
          <tr key={point.day}>
            <th scope="row">{longDay(point.day)}</th>
            {lines.map(({ clock, points }) => (
              <td key={clock} class="number">
                {percent(points[index]?.share ?? null)}{" "}
                <span class="quiet">{points[index]?.counted}</span>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Where the scale begins: below all lines, at a round figure. */
function floorOf(lines: readonly Line[]): number {
  const values = lines.flatMap(({ points }) => points.map((point) => point.trend ?? 1));
  const lowest = Math.min(0.95, ...values);
  return Math.max(0, Math.floor(lowest * 20 - 1) / 20);
}

function stepsFrom(floor: number): number[] {
  const step = STEPS.find((one) => (1 - floor) / one <= MOST_STEPS) ?? 0.5;
  const steps: number[] = [];
  for (let n = 0; 1 - n * step >= floor - 1e-9; n += 1) steps.push(1 - n * step);
  return steps;
}

function pathOf(
  points: readonly TrendPoint[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let pen = "M";
  return points
    .map((point, index) => {
      if (point.trend === null) {
        pen = "M";
        return "";
      }
      const step = `${pen}${x(index).toFixed(1)} ${y(point.trend).toFixed(1)}`;
      pen = "L";
      return step;
    })
    .join("");
}

/** What each line is, at its end, none over another. */
function labels(lines: readonly Line[], y: (value: number) => number) {
  const ends = lines
    .map(({ clock, points }) => {
      const last = points.at(-1)?.trend ?? null;
      const text = `${clockName(clock)} ${percent(last, 0)}`;
      return { clock, text, top: y(last ?? 1) + 4 };
    })
    .sort((a, b) => a.top - b.top);
  ends.forEach((end, index) => {
    const above = ends[index - 1];
    if (above !== undefined) end.top = Math.max(end.top, above.top + LINE_PX);
  });
  return ends;
}

function readOut(lines: readonly Line[], index: number): string {
  const day = lines[0]?.points[index]?.day ?? "";
  const said = lines.map(({ clock, points }) => {
    const point = points[index];
    return `${clockName(clock)} ${percent(point?.share ?? null)} (${point?.counted ?? 0})`;
  });
  return `${longDay(day)}: ${said.join(" · ")}`;
}
