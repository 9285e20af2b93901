/** One technician's day: shifts behind, stops on it, and the place that a visit is held over. */
import { memo } from "preact/compat";
import { clockTime } from "../common/time";
import { grasp } from "./drag";
import type { Focus } from "./keyboard";
import type { Bar, Row, Span, Spot } from "./model";
import type { Scale } from "./scale";

export const ROW_PX = 40;
export const LABEL_PX = 190;

interface RowProps {
  row: Row;
  index: number;
  scale: Scale;
  selected: string | null;
  chosen: boolean;
  /** Set if what Tab leads to is in this row. */
  tabStop: Focus | null;
  spot: Spot | null;
  lengthMs: number;
  open: (visitId: string) => void;
  choose: (rowId: string) => void;
}

export const TimelineRow = memo(function TimelineRow(props: RowProps) {
  const { row, index, scale, selected, chosen, tabStop, spot, lengthMs, open, choose } = props;
  return (
    <div
      class={chosen ? "row chosen" : "row"}
      role="row"
      aria-rowindex={index + 1}
      data-row={row.id}
      style={{ top: `${index * ROW_PX}px`, height: `${ROW_PX}px` }}
    >
      <div
        class="label"
        role="rowheader"
        aria-selected={chosen}
        tabIndex={tabStop !== null && tabStop.barId === null ? 0 : -1}
        onClick={() => choose(row.id)}
        onKeyDown={() => {}}
        title={row.detail}
      >
        <strong>{row.label}</strong>
        <small>{row.detail}</small>
      </div>
      <div class="lane" role="presentation">
        {row.shifts.filter((s) => scale.shows(s)).map((span) => band("shift", span, scale))}
        {row.absences.filter((s) => scale.shows(s)).map((span) => band("absence", span, scale))}
        {row.bars
          .filter((bar) => scale.shows(bar))
          .map((bar) =>
            bar.kind === "visit" && bar.difference !== "gone" ? (
              <VisitBar
                key={bar.id}
                bar={bar}
                rowId={row.id}
                scale={scale}
                selected={selected === bar.id}
                tabStop={tabStop?.barId === bar.id}
                open={open}
              />
            ) : (
              <div
                key={`${bar.kind}-${bar.id}`}
                class={`bar ${bar.kind} ${bar.difference}`}
                style={placed(bar, scale)}
                title={bar.title}
              />
            ),
          )}
        {spot !== null && (
          <div
            class="spot"
            style={placed({ from: spot.at, to: spot.at + lengthMs }, scale)}
            data-at={spot.at}
          >
            {clockTime(spot.at)}
          </div>
        )}
      </div>
    </div>
  );
});

interface VisitBarProps {
  bar: Bar;
  rowId: string;
  scale: Scale;
  selected: boolean;
  tabStop: boolean;
  open: (visitId: string) => void;
}

function VisitBar({ bar, rowId, scale, selected, tabStop, open }: VisitBarProps) {
  return (
    <div
      class={`bar visit ${bar.state ?? "none"} ${bar.difference}${selected ? " selected" : ""}${bar.fixed ? " fixed" : ""}`}
      role="gridcell"
      aria-selected={selected}
      aria-label={bar.title}
      tabIndex={tabStop ? 0 : -1}
      style={placed(bar, scale)}
      title={bar.title}
      data-visit={bar.id}
      onClick={() => open(bar.id)}
      onKeyDown={() => {}}
      onPointerDown={(event) => {
        if (bar.fixed) return;
        const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
        grasp(event, {
          visitId: bar.id,
          label: bar.label,
          lengthMs: bar.to - bar.from,
          graspMs: x / scale.pxPerMs,
          from: { rowId, at: bar.from },
          by: "pointer",
        });
      }}
    >
      <span class="sign" />
      <span class="text">{bar.label}</span>
      {bar.marks !== "" && <span class="marks">{bar.marks}</span>}
    </div>
  );
}

function band(kind: string, span: Span, scale: Scale) {
  return <div key={`${kind}-${span.from}`} class={`band ${kind}`} style={placed(span, scale)} />;
}

function placed(span: Span, scale: Scale) {
  const left = Math.max(-2, scale.x(span.from));
  const right = Math.min(scale.width + 2, scale.x(span.to));
  return { left: `${left}px`, width: `${Math.max(2, right - left)}px` };
}
