/** What others do: the board is read anew when something changed that it shows. */
import { listen } from "../common/events";
import { connected, readVersions, reload, wanted } from "./store";

const GATHER_MS = 150;

interface Change {
  kind: string;
  version?: number;
}

type Effect = "nothing" | "drafts" | "all";

/** What a change means for somebody who looks at a version. */
export function effectOf(change: Change, looksAt: string): Effect {
  const { kind, version } = change;
  // Runs are watched where they were started; what they find is a draft.
  if (kind === "ready" || kind.startsWith("run.") || kind.startsWith("stock.")) return "nothing";
  if (kind.startsWith("draft.") && String(version) !== looksAt) return "drafts";
  return "all";
}

export function watchChanges(stop: AbortSignal): void {
  let due: Effect = "nothing";
  const soon = (effect: Effect) => {
    const isWaiting = due !== "nothing";
    if (effect === "all" || due === "nothing") due = effect;
    if (isWaiting || due === "nothing") return;
    // Many changes at once are read together.
    setTimeout(() => {
      const what = due;
      due = "nothing";
      void (what === "all" ? reload() : readVersions());
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
