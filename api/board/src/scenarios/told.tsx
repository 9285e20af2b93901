/** Texts that the server tells in both languages. */
import type { Shapes } from "../common/api";
import { language } from "../common/language";

export const told = (text: Shapes["Text"]): string => (language.value === "zh" ? text.zh : text.en);

export function Changes({ changes }: { changes: readonly Shapes["Text"][] }) {
  return (
    <ul class="quiet changes">
      {changes.map((one) => (
        <li key={one.en}>{told(one)}</li>
      ))}
    </ul>
  );
}
