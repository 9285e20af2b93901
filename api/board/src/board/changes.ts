/** What others do: the board is read anew when something changed that it shows. */
import { listen } from "../common/events";
import { connected, reload } from "./store";

const GATHER_MS = 150;

export function watchChanges(stop: AbortSignal): void {
  let isDue = false;
  const soon = () => {
    if (isDue) return;
    isDue = true;
    // Many changes at once are read together.
    setTimeout(() => {
      isDue = false;
      void reload();
    }, GATHER_MS);
  };
  void listen("/v1/changes", stop, soon, (is) => {
    // What happened while nobody listened.
    if (is && !connected.value) soon();
    connected.value = is;
  });
}
