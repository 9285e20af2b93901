/** Short messages at the edge of the page: what went wrong, what was done, with what to do next. */
import { signal } from "@preact/signals";
import { say } from "./language";

interface Notice {
  id: number;
  text: string;
  wrong: boolean;
  action: { label: string; run: () => void } | null;
}

const SHOWN_MS = 8_000;
const notices = signal<readonly Notice[]>([]);
let last = 0;

/** Says that something was done; goes away by itself. */
export function tell(text: string, action: Notice["action"] = null): void {
  const id = add({ text, wrong: false, action });
  setTimeout(() => drop(id), SHOWN_MS);
}

/** Says what went wrong; stays until it was read. */
export function complain(error: unknown): void {
  add({ text: error instanceof Error ? error.message : String(error), wrong: true, action: null });
}

function add(notice: Omit<Notice, "id">): number {
  last += 1;
  const others = notices.value.filter((one) => one.text !== notice.text);
  notices.value = [...others, { ...notice, id: last }];
  return last;
}

function drop(id: number): void {
  notices.value = notices.value.filter((one) => one.id !== id);
}

export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text, wrong, action }) => (
        <div key={id} class={wrong ? "notice wrong" : "notice"}>
          <span>{text}</span>
          {action !== null && (
            <button
              type="button"
              onClick={() => {
                drop(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" aria-label={say("Close", "关闭")} onClick={() => drop(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
