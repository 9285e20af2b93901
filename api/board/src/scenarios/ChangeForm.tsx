/** One change: its fields, made from the schema, with the organisation's own names as choices. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { say } from "../common/language";
import { known, type Named } from "./choices";
import { having, type Change, type Value, type Values } from "./draft";
import type { Field, Shape } from "./fields";
import { mistakes } from "./state";
import { fieldText, kindText, valueText } from "./words";

interface ChangeProps {
  change: Change;
  /** Where it stands in what is sent. */
  pointer: string;
  changeTo: (values: Values) => void;
  remove: () => void;
  /** A field that takes several values, which are typed elsewhere. */
  varied?: string;
  children?: ComponentChildren;
}

export function ChangeForm(props: ChangeProps) {
  const { change, pointer, changeTo, remove, varied, children } = props;
  const fields = (known.value?.fields.get(change.kind) ?? []).filter((one) => one.name !== varied);
  const set = (name: string, value: Value | null) => changeTo(having(change.values, name, value));
  const show = (field: Field) => (
    <FieldInput
      key={field.name}
      kind={change.kind}
      field={field}
      value={change.values[field.name]}
      set={(value) => set(field.name, value)}
    />
  );
  const more = fields.filter((field) => !field.main);
  const isUsed = more.some((field) => change.values[field.name] !== undefined);
  const wrong = mistakes.value.filter(
    (one) => one.pointer === pointer || one.pointer.startsWith(`${pointer}/`),
  );
  return (
    <fieldset class="change">
      <legend>{kindText(change.kind)}</legend>
      <button
        type="button"
        class="plain remove"
        aria-label={say(`Remove ${kindText(change.kind)}`, `移除${kindText(change.kind)}`)}
        onClick={remove}
      >
        ×
      </button>
      <div class="fields">{fields.filter((field) => field.main).map(show)}</div>
      {more.length > 0 && (
        <details open={isUsed}>
          <summary>{say("More", "更多")}</summary>
          <div class="fields">{more.map(show)}</div>
        </details>
      )}
      {children}
      {wrong.map((one) => (
        <p key={one.pointer + one.detail} class="mistake" role="alert">
          {mistakeField(change.kind, one.pointer.slice(pointer.length + 1))}
          {one.detail}
        </p>
      ))}
    </fieldset>
  );
}

function mistakeField(kind: string, rest: string): string {
  const name = rest.split("/")[0] ?? "";
  return name === "" ? "" : `${fieldText(kind, name)}${say(": ", "：")}`;
}

interface InputProps {
  kind: string;
  field: Field;
  value: Value | undefined;
  set: (value: Value | null) => void;
}

function FieldInput({ kind, field, value, set }: InputProps) {
  const id = useId();
  const label = fieldText(kind, field.name);
  if (field.shape === "flag") {
    return (
      <label class="flag">
        <input
          type="checkbox"
          checked={value === true}
          onChange={(event) => set(event.currentTarget.checked)}
        />{" "}
        {label}
      </label>
    );
  }
  return (
    <div class="field">
      <label for={id}>
        {label}
        {field.required && <span aria-hidden="true"> *</span>}
      </label>
      {field.shape === "prices" ? (
        <Prices id={id} value={value} set={set} />
      ) : field.many ? (
        <Many id={id} label={label} field={field} value={value} set={set} />
      ) : (
        <One id={id} field={field} value={value} set={set} />
      )}
    </div>
  );
}

type OneProps = Omit<InputProps, "kind"> & { id: string };

function One({ id, field, value, set }: OneProps) {
  const options = optionsOf(field);
  const text = value === undefined ? "" : String(value);
  if (options !== null) {
    return (
      <select
        id={id}
        required={field.required}
        value={text}
        onChange={(event) => set(event.currentTarget.value)}
      >
        <option value="">{field.required ? say("Choose …", "请选择…") : "–"}</option>
        {options.map((one) => (
          <option key={one.value} value={one.value}>
            {one.text}
          </option>
        ))}
      </select>
    );
  }
  if (field.shape === "number") {
    return (
      <input
        id={id}
        type="number"
        required={field.required}
        min={field.min}
        max={field.max}
        step={field.whole ? 1 : "any"}
        value={text}
        onInput={(event) => set(event.currentTarget.valueAsNumber)}
      />
    );
  }
  return <TextInput id={id} shape={field.shape} required={field.required} value={text} set={set} />;
}

/** Only business hours are several words of one's own. */
const HOURS = "08:00-12:00";

interface TextProps {
  id: string;
  shape: Shape;
  required?: boolean;
  placeholder?: string;
  value: string;
  set: (typed: string) => void;
}

/** Words, a date or a time. */
function TextInput({ id, shape, required = false, placeholder, value, set }: TextProps) {
  const shared = {
    id,
    required,
    value,
    onInput: (event: { currentTarget: HTMLInputElement }) => set(event.currentTarget.value),
  };
  if (shape === "date") return <input type="date" {...shared} />;
  if (shape === "time") return <input type="time" {...shared} />;
  if (shape === "date-time") return <input type="datetime-local" {...shared} />;
  return <input type="text" placeholder={placeholder} {...shared} />;
}

type ManyProps = OneProps & { label: string };

/** Several values: those chosen, each with a button that takes it away, and one to add. */
function Many({ id, label, field, value, set }: ManyProps) {
  const chosen = Array.isArray(value) ? (value as readonly (string | number)[]) : [];
  const options = optionsOf(field);
  const typed = useSignal("");
  const add = (given: string) => {
    const one = field.whole ? Number(given) : given;
    if (given !== "" && !chosen.includes(one)) set([...chosen, one]);
  };
  const textOf = (one: string | number) =>
    options?.find((option) => option.value === String(one))?.text ?? String(one);
  return (
    <>
      {options === null ? (
        <span class="adding">
          <TextInput
            id={id}
            shape={field.shape}
            placeholder={HOURS}
            value={typed.value}
            set={(text) => {
              typed.value = text;
            }}
          />
          <button
            type="button"
            onClick={() => {
              add(typed.value.trim());
              typed.value = "";
            }}
          >
            {say("Add", "添加")}
          </button>
        </span>
      ) : (
        <select
          id={id}
          value=""
          onChange={(event) => {
            add(event.currentTarget.value);
            event.currentTarget.value = "";
          }}
        >
          <option value="">{say("Add …", "添加…")}</option>
          {options
            .filter((one) => !chosen.map(String).includes(one.value))
            .map((one) => (
              <option key={one.value} value={one.value}>
                {one.text}
              </option>
            ))}
        </select>
      )}
      {chosen.length > 0 && (
        <ul class="chips" aria-label={label}>
          {chosen.map((one) => (
            <li key={one}>
              {textOf(one)}
              <button
                type="button"
                class="plain"
                aria-label={say(`Take away ${textOf(one)}`, `移除 ${textOf(one)}`)}
                onClick={() => set(chosen.filter((other) => other !== one))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** Prices by name: one row for each that changes. */
function Prices({
  id,
  value,
  set,
}: {
  id: string;
  value: Value | undefined;
  set: OneProps["set"];
}) {
  const prices = (value ?? {}) as { [price: string]: number };
  const others = (known.value?.prices ?? []).filter((name) => !(name in prices));
  return (
    <>
      <select
        id={id}
        value=""
        onChange={(event) => {
          const name = event.currentTarget.value;
          if (name !== "") set({ ...prices, [name]: 0 });
          event.currentTarget.value = "";
        }}
      >
        <option value="">{say("Add …", "添加…")}</option>
        {others.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      {Object.entries(prices).map(([name, fen]) => (
        <span key={name} class="price">
          <input
            type="number"
            min="0"
            step="1"
            aria-label={name}
            value={fen}
            onInput={(event) => {
              const typed = event.currentTarget.valueAsNumber;
              set({ ...prices, [name]: Number.isNaN(typed) ? 0 : typed });
            }}
          />
          <code>{name}</code>
          <button
            type="button"
            class="plain"
            aria-label={say(`Take away ${name}`, `移除 ${name}`)}
            onClick={() => {
              const left = Object.entries(prices).filter(([other]) => other !== name);
              set(Object.fromEntries(left));
            }}
          >
            ×
          </button>
        </span>
      ))}
    </>
  );
}

function optionsOf(field: Field): readonly Named[] | null {
  if (field.choice === null) return null;
  if (typeof field.choice === "string") return known.value?.names[field.choice] ?? [];
  return field.choice.map((value) => ({ value, text: valueText(field.name, value) }));
}
