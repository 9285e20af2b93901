/** What others do: the board is read anew when something changed that it shows. */
import { listen } from "../common/events";
import { connected, readVersions, reload, reloadShown, wanted } from "./store";

const GATHER_MS = 50;

interface Change {
  kind: string;
  version?: number;
}

/** What has to be read anew; each holds those before it. */
const EFFECTS = ["nothing", "drafts", "shown", "all"] as const;
type Effect = (typeof EFFECTS)[number];

const READ = { nothing: () => undefined, drafts: readVersions, shown: reloadShown, all: reload };

/** What a change means for somebody who looks at a version. */
export function effectOf(change: Change, looksAt: string): Effect {
  const { kind, version } = change;
  // Runs are watched where they were started; what they find is a draft.
  if (kind === "ready" || kind.startsWith("run.") || kind.startsWith("stock.")) return "nothing";
  if (kind.startsWith("draft.")) return String(version) === looksAt ? "shown" : "drafts";
  return "all";
}

export function watchChanges(stop: AbortSignal): void {
  let due: Effect = "nothing";
  const soon = (effect: Effect) => {
    const isWaiting = due !== "nothing";
    if (EFFECTS.indexOf(effect) > EFFECTS.indexOf(due)) due = effect;
    if (isWaiting || due === "nothing") return;
    // Many changes at once are read together.
    setTimeout(() => {
      const what = due;
      due = "nothing";
      void READ[what]();
    }, GATHER_MS);
  };
  const heard = ({ data }: { data: string }) => {
    soon(effectOf(JSON.parse(data) as Change, wanted.value));
  };
  void listen("/v1/changes", stop, heard, (is) => {
    // What happened while nobody listened is told too, if it is not too much.
    connected.value = is;
  });
}
