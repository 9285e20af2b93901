/** Which days and which territory; both stand in the address. */
import { say } from "../common/language";
import { PRESETS, type Preset } from "./period";
import { choice, choose, days, territories } from "./state";

const OWN = "own";

export function Picker() {
  const { preset, territory } = choice.value;
  const { from, until } = days.value;
  return (
    <div class="picker">
      <label>
        <span class="unseen">{say("Period", "期间")}</span>
        <select
          value={preset ?? OWN}
          onChange={(event) => {
            const wanted = PRESETS.find((one) => one === event.currentTarget.value) ?? null;
            choose({ preset: wanted, days: wanted === null ? { from, until } : null });
          }}
        >
          {PRESETS.map((one) => (
            <option key={one} value={one}>
              {presetName(one)}
            </option>
          ))}
          <option value={OWN}>{say("From … until …", "自选日期")}</option>
        </select>
      </label>
      {preset === null && (
        <>
          <label>
            <span class="unseen">{say("From", "从")}</span>
            <input
              type="date"
              value={from}
              max={until}
              onChange={(event) => change(event.currentTarget.value, until)}
            />
          </label>
          <label>
            <span class="unseen">{say("Until", "至")}</span>
            <input
              type="date"
              value={until}
              min={from}
              onChange={(event) => change(from, event.currentTarget.value)}
            />
          </label>
        </>
      )}
      {territories.value.length > 1 && (
        <label>
          <span class="unseen">{say("Territory", "责任区")}</span>
          <select
            value={territory ?? ""}
            onChange={(event) => choose({ territory: event.currentTarget.value || null })}
          >
            <option value="">{say("All territories", "全部责任区")}</option>
            {territories.value.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

function change(from: string, until: string): void {
  if (from !== "" && until !== "" && from <= until) {
    choose({ preset: null, days: { from, until } });
  }
}

function presetName(preset: Preset): string {
  return {
    week: say("This week", "本周"),
    "30d": say("Last 30 days", "最近 30 天"),
    "90d": say("Last 90 days", "最近 90 天"),
    month: say("This month", "本月"),
    "last-month": say("Last month", "上月"),
  }[preset];
}
