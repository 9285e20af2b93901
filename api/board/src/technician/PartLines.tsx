/** Lines of parts: which, how many, and, where units are known one by one, which ones. */
import type { Signal } from "@preact/signals";
import { say } from "../common/language";
import type { Stop, Visit } from "./projecting";

export interface PartLine {
  partId: string;
  quantity: number;
  serials: string;
}

/** What is planned to be used, with the serial numbers that were handed out. */
export function plannedLines(visit: Visit, stop: Stop): PartLine[] {
  return stop.parts.map(({ part_id, quantity }) => ({
    partId: part_id,
    quantity,
    serials: visit.issued
      .filter((part) => part.part_id === part_id)
      .flatMap((part) => part.serials)
      .slice(0, quantity)
      .join(" "),
  }));
}

/** Serial numbers as people type them: with spaces, commas or on lines of their own. */
export function serialsIn(text: string): string[] {
  return text.split(/[\s,，、;；]+/).filter((serial) => serial !== "");
}

interface Wanted {
  lines: Signal<PartLine[]>;
  names: ReadonlyMap<string, string>;
  serials: boolean;
}

export function PartLines({ lines, names, serials }: Wanted) {
  const set = (number: number, change: Partial<PartLine>) => {
    lines.value = lines.value.map((line, i) => (i === number ? { ...line, ...change } : line));
  };
  return (
    <>
      {lines.value.map((line, number) => (
        <fieldset key={number} class="part">
          <legend>{names.get(line.partId) ?? say("Part", "备件")}</legend>
          <label>
            {say("Number of the part", "备件编号")}
            <input
              required
              list="known-parts"
              value={line.partId}
              onInput={(event) => set(number, { partId: event.currentTarget.value.trim() })}
            />
          </label>
          <label>
            {say("Units", "数量")}
            <input
              type="number"
              inputMode="numeric"
              min={0}
              max={999}
              required
              value={line.quantity}
              onInput={(event) => set(number, { quantity: event.currentTarget.valueAsNumber })}
            />
          </label>
          {serials && (
            <label class="whole">
              {say("Serial numbers", "序列号")}
              <input
                autocapitalize="characters"
                autocomplete="off"
                value={line.serials}
                onInput={(event) => set(number, { serials: event.currentTarget.value })}
              />
            </label>
          )}
        </fieldset>
      ))}
      <datalist id="known-parts">
        {[...names].map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </datalist>
      <button
        type="button"
        onClick={() => {
          lines.value = [...lines.value, { partId: "", quantity: 1, serials: "" }];
        }}
      >
        {say("Another part", "添加备件")}
      </button>
    </>
  );
}
