/** A field for a whole number from 1 on; null: left empty. */
interface NumberProps {
  label: string;
  value: number | null;
  most: number;
  placeholder?: string;
  set: (typed: number | null) => void;
}

export function WholeNumber({ label, value, most, placeholder, set: give }: NumberProps) {
  return (
    <label class="field">
      {label}
      <input
        type="number"
        min="1"
        max={most}
        step="1"
        placeholder={placeholder}
        value={value ?? ""}
        onInput={(event) => {
          const typed = event.currentTarget.valueAsNumber;
          give(Number.isNaN(typed) ? null : typed);
        }}
      />
    </label>
  );
}
