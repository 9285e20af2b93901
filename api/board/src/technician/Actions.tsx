/** The buttons of a visit: what usually comes next, large; the rest below it. */
import { useSignal } from "@preact/signals";
import { complain } from "../common/notices";
import { say } from "../common/language";
import { clockTime, duration } from "../common/time";
import { happened, nowMs } from "./day";
import { FailSheet } from "./FailSheet";
import {
  mayJoin,
  otherSteps,
  usualNext,
  type Kind,
  type Standing,
  type Stop,
  type Visit,
} from "./projecting";
import { NoteSheet } from "./NoteSheet";
import { RepairSheet } from "./RepairSheet";
import { Route } from "./Route";
import { SignOffSheet } from "./SignOffSheet";
import { stepName } from "./words";

/** Those of which there is nothing more to say. */
const AT_ONCE: readonly Kind[] = ["departed", "arrived", "run_in_started"];

interface Wanted {
  visit: Visit;
  stop: Stop;
  standing: Standing;
  few?: boolean;
}

export function Actions({ visit, stop, standing, few = false }: Wanted) {
  const opened = useSignal<Kind | null>(null);
  const press = (kind: Kind) => {
    if (AT_ONCE.includes(kind) || (kind === "run_in_ended" && left <= 0)) {
      happened(visit, kind).catch(complain);
    } else {
      opened.value = kind;
    }
  };
  const close = () => {
    opened.value = null;
  };
  const usual = usualNext(standing);
  const left = leftS(visit, standing);
  const joins = mayJoin(visit, standing);
  const others = otherSteps(visit, standing);
  return (
    <div class="actions">
      {standing.state === "run_in" && <RunIn visit={visit} standing={standing} />}
      {joins && (
        <button type="button" class="main big" onClick={() => press("arrived")}>
          {say("I have arrived too", "我也已到场")}
        </button>
      )}
      {usual !== null && (
        <button
          type="button"
          class={joins || (usual === "run_in_ended" && left > 0) ? "big" : "main big"}
          onClick={() => press(usual)}
        >
          {stepName(usual)}
        </button>
      )}
      {few && (standing.state === "published" || standing.state === "under_way") && (
        <Route place={stop.place} />
      )}
      {few
        ? usual !== null && (
            <a class="button big" href={`#visit=${encodeURIComponent(visit.visit_id)}`}>
              {say("More", "更多")}
            </a>
          )
        : others.map((kind) => (
            <button key={kind} type="button" class="big" onClick={() => press(kind)}>
              {kind === "repaired" ? say("Repaired again", "再次修复") : stepName(kind)}
            </button>
          ))}
      {opened.value === "repaired" && <RepairSheet visit={visit} stop={stop} close={close} />}
      {opened.value === "signed_off" && <SignOffSheet visit={visit} close={close} />}
      {opened.value === "visit_failed" && <FailSheet visit={visit} stop={stop} close={close} />}
      {(opened.value === "no_finding" ||
        opened.value === "found" ||
        opened.value === "run_in_ended") && (
        <NoteSheet visit={visit} kind={opened.value} close={close} />
      )}
    </div>
  );
}

const SECOND_MS = 1000;

/** Seconds that the run-in has still to go; 0 if nobody knows when it began. */
function leftS(visit: Visit, { runInMs }: Standing): number {
  if (runInMs === null) return 0;
  return Math.ceil((runInMs - nowMs.value) / SECOND_MS) + visit.run_in_s;
}

function RunIn({ visit, standing }: { visit: Visit; standing: Standing }) {
  const left = leftS(visit, standing);
  if (standing.runInMs === null) return null;
  const done = 1 - Math.max(left, 0) / Math.max(visit.run_in_s, 1);
  const until = clockTime(standing.runInMs + visit.run_in_s * SECOND_MS);
  return (
    <div class="run-in">
      <p role="timer">
        {left > 0
          ? say(
              `Run-in: ${duration(left)} to go, until ${until}`,
              `试运行：还需 ${duration(left)}，至 ${until}`,
            )
          : say(`The run-in is over since ${until}`, `试运行已于 ${until} 结束`)}
      </p>
      <progress value={done} max={1} aria-label={say("Run-in", "试运行")} />
    </div>
  );
}
