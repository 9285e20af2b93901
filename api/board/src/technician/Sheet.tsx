/** A dialog over the whole phone, with what it asks, and one button that says it is so. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { say } from "../common/language";
import { complain } from "../common/notices";

interface Wanted {
  title: string;
  button: string;
  close: () => void;
  /** Records it; the sheet closes when it is kept. */
  done: () => Promise<void>;
  children: ComponentChildren;
}

export function Sheet({ title, button, close, done, children }: Wanted) {
  const dialog = useRef<HTMLDialogElement>(null);
  const busy = useSignal(false);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="sheet" aria-label={title} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          busy.value = true;
          done()
            .then(() => dialog.current?.close())
            .catch(complain)
            .finally(() => {
              busy.value = false;
            });
        }}
      >
        <h2>{title}</h2>
        {children}
        <div class="pair">
          <button type="button" class="big" onClick={() => dialog.current?.close()}>
            {say("Back", "返回")}
          </button>
          <button type="submit" class="main big" disabled={busy.value}>
            {button}
          </button>
        </div>
      </form>
    </dialog>
  );
}

export function Note({ label, value, set }: NoteField) {
  return (
    <label>
      {label}
      <textarea
        rows={3}
        maxLength={10_000}
        value={value}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
}

interface NoteField {
  label: string;
  value: string;
  set: (value: string) => void;
}
