/** What a component asks the API for. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** The answer, asked for anew when what it is about becomes another; null until it is there. */
export function useAnswer<T>(
  ask: () => Promise<T>,
  about: readonly unknown[],
  failed: (error: unknown) => void,
): T | null {
  const found = useSignal<T | null>(null);
  useEffect(() => {
    let isCurrent = true;
    found.value = null;
    ask().then(
      (answer) => {
        if (isCurrent) found.value = answer;
      },
      (error: unknown) => {
        if (isCurrent) failed(error);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, about);
  return found.value;
}
