/** What stands at the right of every page's bar: language, light or dark, sign out. */
import { forgetKey, key } from "./key";
import { choose, language, say } from "./language";
import { theme } from "./theme";

const NEXT = { system: "light", light: "dark", dark: "system" } as const;

export function Choices() {
  const look = {
    system: say("Light or dark as the device", "深浅色跟随系统"),
    light: say("Light", "浅色"),
    dark: say("Dark", "深色"),
  }[theme.value];
  return (
    <>
      <button
        type="button"
        class="plain"
        lang={language.value === "zh" ? "en" : "zh-CN"}
        onClick={() => choose(language.value === "zh" ? "en" : "zh")}
      >
        {language.value === "zh" ? "English" : "中文"}
      </button>
      <button
        type="button"
        class="plain"
        title={look}
        aria-label={look}
        onClick={() => {
          theme.value = NEXT[theme.value];
        }}
      >
        ◐
      </button>
      {key.value !== null && (
        <button type="button" class="plain" onClick={forgetKey}>
          {say("Sign out", "退出")}
        </button>
      )}
    </>
  );
}
