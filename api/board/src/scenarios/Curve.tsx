/** The cost at each value of a quantity, the knee marked. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Shapes } from "../common/api";
import { language, say } from "../common/language";
import { theme } from "../common/theme";

const HEIGHT_PX = 260;
const AXIS_PX = 84;
const MARK_PX = 6;
const FEN = 100;

interface CurveProps {
  points: readonly Shapes["ToldPoint"][];
  name: string;
  /** Whether what varies has a price of its own. */
  isPriced: boolean;
  label: string;
}

export function Curve({ points, name, isPriced, label }: CurveProps) {
  const holder = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = holder.current;
    if (box === null) return;
    const plot = drawn(box, points, name, isPriced);
    const resized = new ResizeObserver(() => {
      plot.setSize({ width: box.clientWidth, height: HEIGHT_PX });
    });
    resized.observe(box);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [points, name, isPriced, theme.value, language.value]);
  return (
    <>
      <div ref={holder} class="curve" role="img" aria-label={label} />
      {isPriced && (
        <p class="quiet">
          {say(
            "Solid: the plan and what these values cost. Dashed: the plan alone.",
            "实线：计划成本加措施花费。虚线：仅计划成本。",
          )}
        </p>
      )}
    </>
  );
}

function drawn(
  box: HTMLDivElement,
  points: CurveProps["points"],
  name: string,
  isPriced: boolean,
): uPlot {
  const style = getComputedStyle(box);
  const accent = style.caretColor;
  const axis = { stroke: style.color, grid: { stroke: style.borderColor, width: 1 } };
  const values = points.map((one) => one.values[0] ?? 0);
  const whole = points.map((one) => one.whole_fen / FEN);
  const alone = points.map((one) => one.cost_fen / FEN);
  const knee = points.findIndex((one) => one.is_knee);
  return new uPlot(
    {
      width: box.clientWidth,
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false } },
      axes: [
        { ...axis, label: name, splits: values },
        { ...axis, size: AXIS_PX, label: say("yuan", "元") },
      ],
      series: [
        {},
        { stroke: accent, width: 2, points: { show: true, size: MARK_PX } },
        { stroke: style.color, width: 1, dash: [4, 4], show: isPriced },
      ],
      hooks: { draw: [(plot) => markKnee(plot, knee, values, whole, accent, style)] },
    },
    [values, whole, alone],
    box,
  );
}

function markKnee(
  plot: uPlot,
  knee: number,
  values: readonly number[],
  whole: readonly number[],
  accent: string,
  style: CSSStyleDeclaration,
): void {
  const [value, cost] = [values[knee], whole[knee]];
  if (value === undefined || cost === undefined) return;
  const x = plot.valToPos(value, "x", true);
  const y = plot.valToPos(cost, "y", true);
  const size = MARK_PX * devicePixelRatio;
  const { ctx } = plot;
  ctx.save();
  ctx.fillStyle = accent;
  ctx.beginPath();
  ctx.moveTo(x, y - size);
  ctx.lineTo(x + size, y);
  ctx.lineTo(x, y + size);
  ctx.lineTo(x - size, y);
  ctx.fill();
  ctx.fillStyle = style.color;
  ctx.font = `600 ${13 * devicePixelRatio}px ${style.fontFamily}`;
  // Above the knee both sides rise.
  const isLast = knee === values.length - 1;
  ctx.textAlign = knee === 0 ? "left" : isLast ? "right" : "center";
  ctx.fillText(say("knee", "拐点"), x, y - 2 * size);
  ctx.restore();
}
