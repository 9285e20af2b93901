/** A run: asked for, its cost watched as it falls, stopped when that is enough. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { answered, api, type Shapes } from "../common/api";
import { listen } from "../common/events";
import { language, say } from "../common/language";
import { Modal } from "../common/Modal";
import { complain, tell } from "../common/notices";
import { clockTime, HOUR_MS, startOfDay, yuan } from "../common/time";
import { board, lookAt, now, PUBLISHED, wanted } from "./store";

type Run = Shapes["RunFacts"];
type Progress = Shapes["RunProgress"];

const CHART_PX = { width: 620, height: 220 };

export function PlanDialog({ close }: { close: () => void }) {
  const runId = useSignal<string | null>(null);
  return (
    <Modal title={say("Plan", "排程")} close={close}>
      {runId.value === null ? (
        <RunForm
          began={(id) => {
            runId.value = id;
          }}
        />
      ) : (
        <Watching runId={runId.value} close={close} />
      )}
    </Modal>
  );
}

function RunForm({ began }: { began: (runId: string) => void }) {
  const policies = useSignal<readonly string[]>([]);
  const policy = useSignal("");
  const seconds = useSignal(60);
  const days = useSignal<number | null>(null);
  const freeze = useSignal("");
  const territories = useSignal<ReadonlySet<string>>(new Set());
  const busy = useSignal(false);
  useEffect(() => {
    answered(api.GET("/v1/terms")).then((terms) => {
      policies.value = terms.policies.map((one) => one.name);
      policy.value = terms.default_policy;
    }, complain);
  }, []);
  const all = [
    ...new Set((board.value?.technicians ?? []).flatMap((one) => one.territories ?? [])),
  ].sort();
  const begin = async () => {
    busy.value = true;
    try {
      const body: Shapes["RunIn"] = {
        territories: [...territories.value],
        policy: policy.value,
        seconds: seconds.value,
        ...(days.value === null ? {} : { days: days.value }),
        ...(freeze.value === "" ? {} : { freeze_until: instantToday(freeze.value) }),
        ...(wanted.value === PUBLISHED ? {} : { start: Number(wanted.value) }),
      };
      const params = { header: { "Idempotency-Key": crypto.randomUUID() } };
      began((await answered(api.POST("/v1/plans", { params, body }))).id);
    } catch (error) {
      complain(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void begin();
      }}
    >
      <p class="quiet">
        {wanted.value === PUBLISHED
          ? say("Begins from the published plan.", "从发布计划开始。")
          : say(`Begins from draft ${wanted.value}.`, `从草稿 ${wanted.value} 开始。`)}
      </p>
      <div class="columns">
        <label>
          {say("Policy", "策略")}
          <select
            value={policy.value}
            onChange={(event) => {
              policy.value = event.currentTarget.value;
            }}
          >
            {policies.value.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <label>
          {say("Seconds", "秒数")}
          <input
            type="number"
            min="1"
            max="14400"
            value={seconds.value}
            onInput={(event) => {
              seconds.value = event.currentTarget.valueAsNumber;
            }}
          />
        </label>
        <label>
          {say("Days", "天数")}
          <input
            type="number"
            min="1"
            max="31"
            placeholder={say("usual", "默认")}
            value={days.value ?? ""}
            onInput={(event) => {
              const typed = event.currentTarget.valueAsNumber;
              days.value = Number.isNaN(typed) ? null : typed;
            }}
          />
        </label>
        <label>
          {say("Freeze until (today)", "冻结至（今日）")}
          <input
            type="time"
            value={freeze.value}
            onInput={(event) => {
              freeze.value = event.currentTarget.value;
            }}
          />
        </label>
      </div>
      {all.length > 1 && (
        <fieldset class="checks">
          <legend>{say("Territories (none: all)", "责任区（不选：全部）")}</legend>
          {all.map((one) => (
            <label key={one}>
              <input
                type="checkbox"
                checked={territories.value.has(one)}
                onChange={() => {
                  const chosen = new Set(territories.value);
                  if (!chosen.delete(one)) chosen.add(one);
                  territories.value = chosen;
                }}
              />{" "}
              {one}
            </label>
          ))}
        </fieldset>
      )}
      <div class="buttons">
        <button type="submit" class="main" disabled={busy.value || policy.value === ""}>
          {say("Begin", "开始")}
        </button>
      </div>
    </form>
  );
}

/** A time of the local day that it is now. */
function instantToday(time: string): string {
  const [hours, minutes] = time.split(":").map(Number);
  const ms = startOfDay(now.value) + (hours ?? 0) * HOUR_MS + (minutes ?? 0) * 60_000;
  return new Date(ms).toISOString();
}

interface Point {
  at: number;
  yuan: number;
}

function Watching({ runId, close }: { runId: string; close: () => void }) {
  const run = useSignal<Run | null>(null);
  const progress = useSignal<Progress | null>(null);
  const points = useSignal<readonly Point[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    void follow(runId, stop.signal, (found) => {
      progress.value = found;
      // Before there is a first plan it costs nothing, which would hide what happens behind.
      if (found.cost_fen > 0) {
        points.value = [...points.value, { at: found.elapsed_s, yuan: found.cost_fen / 100 }];
      }
    }).then(async () => {
      if (!stop.signal.aborted) run.value = await readRun(runId);
    }, complain);
    return () => stop.abort();
  }, [runId]);
  const cancel = () => {
    const path = { run_id: runId };
    answered(api.POST("/v1/runs/{run_id}/cancellation", { params: { path } })).catch(complain);
  };
  const [over, last] = [run.value, progress.value];
  return (
    <div class="stack">
      <p role="status">{stateText(over, last)}</p>
      <CostChart points={points.value} />
      {last !== null && (
        <dl class="figures">
          <dt>{say("Cost", "成本")}</dt>
          <dd>{yuan(last.cost_fen)}</dd>
          <dt>{say("Left out", "未排")}</dt>
          <dd>{last.unassigned}</dd>
          <dt>{say("Clocks broken", "超时时限")}</dt>
          <dd>{last.clocks_broken}</dd>
          <dt>{say("Iterations", "迭代")}</dt>
          <dd>{last.iterations.toLocaleString("en-GB")}</dd>
        </dl>
      )}
      <div class="buttons">
        {over === null ? (
          <button type="button" class="main" onClick={cancel}>
            {say("Stop and keep the best", "停止并保留最佳")}
          </button>
        ) : (
          over.version !== null && (
            <button
              type="button"
              class="main"
              onClick={() => {
                lookAt(String(over.version));
                close();
              }}
            >
              {say(`Look at draft ${over.version}`, `查看草稿 ${over.version}`)}
            </button>
          )
        )}
        <button type="button" onClick={close}>
          {over === null ? say("Go on in the background", "后台继续") : say("Close", "关闭")}
        </button>
      </div>
    </div>
  );
}

async function follow(
  runId: string,
  stop: AbortSignal,
  heard: (progress: Progress) => void,
): Promise<void> {
  const done = new AbortController();
  stop.addEventListener("abort", () => done.abort());
  await listen(`/v1/runs/${runId}/events`, done.signal, ({ event, data }) => {
    if (event === "progress") heard(JSON.parse(data) as Progress);
    if (event === "finished") {
      tell(say(`Run ${runId} is over.`, `运行 ${runId} 已结束。`));
      done.abort();
    }
  });
}

function readRun(runId: string): Promise<Run> {
  return answered(api.GET("/v1/runs/{run_id}", { params: { path: { run_id: runId } } }));
}

function stateText(run: Run | null, progress: Progress | null): string {
  if (run === null && progress === null) return say("Waiting to begin …", "等待开始…");
  if (run === null) return say("Searching …", "搜索中…");
  const error = language.value === "zh" ? run.error_zh : run.error_en;
  if (error !== null) return error;
  const at = run.finished_at === null ? "" : clockTime(Date.parse(run.finished_at));
  return say(`Over at ${at}.`, `${at} 结束。`);
}

function CostChart({ points }: { points: readonly Point[] }) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  useEffect(() => {
    if (holder.current === null) return;
    const style = getComputedStyle(holder.current);
    const axis = { stroke: style.color, grid: { stroke: style.borderColor, width: 1 } };
    chart.current = new uPlot(
      {
        ...CHART_PX,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false } },
        axes: [
          { ...axis, label: "s" },
          { ...axis, size: 80, label: say("yuan", "元") },
        ],
        series: [{}, { stroke: style.caretColor, width: 2 }],
      },
      [[], []],
      holder.current,
    );
    return () => chart.current?.destroy();
  }, []);
  useEffect(() => {
    chart.current?.setData([points.map((one) => one.at), points.map((one) => one.yuan)]);
  }, [points]);
  return (
    <div ref={holder} class="chart" role="img" aria-label={say("Cost over time", "成本变化")} />
  );
}
