/** The interval of a difference: a line about the mean, over the zero in the middle. What is clear
 * is solid with a filled mark, what is noise dashed with a hollow one. */
import type { Shapes } from "../common/api";

type Figure = Pick<
  Shapes["ToldFigure"],
  "mean" | "low" | "high" | "is_clear" | "is_same" | "verdict"
>;

const WIDTH = 180;
const HEIGHT = 20;
const MIDDLE = WIDTH / 2;
const SIDE = MIDDLE - 8;

/** How far the picture of a figure has to reach on each side of zero. */
export function reachOf({ mean, low, high }: Figure): number {
  return Math.max(Math.abs(mean), Math.abs(low ?? 0), Math.abs(high ?? 0));
}

interface BarProps {
  figure: Figure;
  reach: number;
  label: string;
}

export function Bar({ figure, reach, label }: BarProps) {
  const at = (value: number) => MIDDLE + (reach === 0 ? 0 : (value / reach) * SIDE);
  const { low, high, mean, is_clear: clear, is_same: same } = figure;
  const y = HEIGHT / 2;
  const kind = !clear ? "noise" : figure.verdict > 0 ? "better" : figure.verdict < 0 ? "worse" : "";
  return (
    <svg
      class={`interval ${kind}`}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <line class="zero" x1={MIDDLE} x2={MIDDLE} y1="1" y2={HEIGHT - 1} />
      {low !== null && high !== null && !same && (
        <>
          <line
            x1={at(low)}
            x2={at(high)}
            y1={y}
            y2={y}
            stroke-dasharray={clear ? undefined : "3 3"}
          />
          {[low, high].map((end) => (
            <line key={end} x1={at(end)} x2={at(end)} y1={y - 4} y2={y + 4} />
          ))}
        </>
      )}
      <circle cx={at(mean)} cy={y} r="4" class={clear ? "filled" : "hollow"} />
    </svg>
  );
}
