/** What varies in a sweep, and what could be done to reach a target: changes in several sizes. */
import { say } from "../common/language";
import { clockText } from "../common/words";
import { ChangeForm } from "./ChangeForm";
import { known } from "./choices";
import { draft, newQuantity, set, type Quantity, type Target } from "./draft";
import { fieldText, kindText } from "./words";

const CLOCKS: readonly Target["clock"][] = ["respond", "arrive", "restore"];
const MOST_MEASURES = 10;
const MOST_AXES = 2;

/** The fields of a kind of change that are numbers. */
function numbersOf(kind: string): readonly string[] {
  const fields = known.value?.fields.get(kind) ?? [];
  return fields.filter((one) => one.shape === "number" && !one.many).map((one) => one.name);
}

/** The field that most likely varies. */
function usuallyVaried(kind: string): string {
  const names = numbersOf(kind);
  const fields = known.value?.fields.get(kind) ?? [];
  return fields.find((one) => one.main && names.includes(one.name))?.name ?? names[0] ?? "";
}

export function SweptQuantities() {
  const { sweep } = draft.value;
  const kinds = [...(known.value?.fields.keys() ?? [])].filter((one) => numbersOf(one).length > 0);
  return (
    <section aria-label={say("What varies", "变化的量")}>
      <h2>{say("What varies", "变化的量")}</h2>
      {sweep.map((quantity, number) => (
        <QuantityForm
          key={quantity.change.id}
          quantity={quantity}
          pointer={`/sweep/${number}/change`}
          change={(changed) =>
            set({ sweep: sweep.map((one, i) => (i === number ? changed : one)) })
          }
          remove={() => set({ sweep: sweep.filter((_, i) => i !== number) })}
        />
      ))}
      {sweep.length < MOST_AXES && (
        <AddChange
          label={
            sweep.length === 0
              ? say("Choose what varies", "选择变化的量")
              : say("A second quantity (if wanted)", "第二个变化的量（可选）")
          }
          kinds={kinds}
          add={(kind) => set({ sweep: [...sweep, newQuantity(kind, usuallyVaried(kind))] })}
        />
      )}
    </section>
  );
}

export function Measures() {
  const { target, measures } = draft.value;
  const put = (number: number, changed: Quantity) =>
    set({ measures: measures.map((one, i) => (i === number ? changed : one)) });
  return (
    <>
      <section aria-label={say("Target", "目标")}>
        <h2>{say("Target", "目标")}</h2>
        <div class="fields">
          <label class="field">
            {say("Clock", "时限")}
            <select
              value={target.clock}
              onChange={(event) => {
                const clock = CLOCKS.find((one) => one === event.currentTarget.value);
                if (clock !== undefined) set({ target: { ...target, clock } });
              }}
            >
              {CLOCKS.map((one) => (
                <option key={one} value={one}>
                  {clockText(one)}
                </option>
              ))}
            </select>
          </label>
          <NumberField
            label={say("Per cent kept", "达成百分比")}
            min={1}
            max={100}
            value={target.percent}
            set={(typed) => set({ target: { ...target, percent: typed ?? 1 } })}
          />
          <NumberField
            label={say("Within hours (empty: the contract)", "小时内（空：按合同）")}
            min={1}
            value={target.hours}
            set={(hours) => set({ target: { ...target, hours } })}
          />
        </div>
      </section>
      <section aria-label={say("What could be done", "可行措施")}>
        <h2>{say("What could be done", "可行措施")}</h2>
        {measures.map((measure, number) => (
          <QuantityForm
            key={measure.change.id}
            quantity={measure}
            pointer={`/suggest/measures/${number}/change`}
            change={(changed) => put(number, changed)}
            remove={() => set({ measures: measures.filter((_, i) => i !== number) })}
            once
          />
        ))}
        {measures.length < MOST_MEASURES && (
          <AddChange
            label={say("Add a measure", "添加措施")}
            kinds={[...(known.value?.fields.keys() ?? [])]}
            add={(kind) => set({ measures: [...measures, newQuantity(kind, "")] })}
          />
        )}
      </section>
    </>
  );
}

interface QuantityProps {
  quantity: Quantity;
  pointer: string;
  change: (changed: Quantity) => void;
  remove: () => void;
  /** It may also have one size only. */
  once?: boolean;
}

function QuantityForm({ quantity, pointer, change: give, remove, once = false }: QuantityProps) {
  const { change, vary, values, yuan } = quantity;
  return (
    <ChangeForm
      change={change}
      pointer={pointer}
      varied={vary}
      changeTo={(typed) => give({ ...quantity, change: { ...change, values: typed } })}
      remove={remove}
    >
      <div class="fields">
        <label class="field">
          {say("Varies", "变化项")}
          <select
            value={vary}
            onChange={(event) => give({ ...quantity, vary: event.currentTarget.value })}
          >
            {once && <option value="">{say("nothing: done or not", "无：做或不做")}</option>}
            {numbersOf(change.kind).map((name) => (
              <option key={name} value={name}>
                {fieldText(change.kind, name)}
              </option>
            ))}
          </select>
        </label>
        {vary !== "" && (
          <label class="field">
            {say("Values", "取值")}
            <input
              type="text"
              inputMode="decimal"
              placeholder={once ? "1, 2" : "0, 1, 2, 3"}
              value={values}
              onInput={(event) => give({ ...quantity, values: event.currentTarget.value })}
            />
          </label>
        )}
        <NumberField
          label={
            vary === ""
              ? say("Price over these days, yuan", "期间花费（元）")
              : say("Price of one over these days, yuan", "期间每单位花费（元）")
          }
          min={0}
          value={yuan}
          set={(typed) => give({ ...quantity, yuan: typed ?? 0 })}
        />
      </div>
    </ChangeForm>
  );
}

interface NumberProps {
  label: string;
  min: number;
  max?: number;
  value: number | null;
  set: (typed: number | null) => void;
}

function NumberField({ label, min, max, value, set: give }: NumberProps) {
  return (
    <label class="field">
      {label}
      <input
        type="number"
        min={min}
        max={max}
        step="any"
        value={value ?? ""}
        onInput={(event) => {
          const typed = event.currentTarget.valueAsNumber;
          give(Number.isNaN(typed) ? null : typed);
        }}
      />
    </label>
  );
}

interface AddProps {
  label: string;
  kinds: readonly string[];
  add: (kind: string) => void;
}

export function AddChange({ label, kinds, add }: AddProps) {
  return (
    <select
      aria-label={label}
      value=""
      onChange={(event) => {
        if (event.currentTarget.value !== "") add(event.currentTarget.value);
        event.currentTarget.value = "";
      }}
    >
      <option value="">{say("Add …", "添加…")}</option>
      {kinds.map((kind) => (
        <option key={kind} value={kind}>
          {kindText(kind)}
        </option>
      ))}
    </select>
  );
}
