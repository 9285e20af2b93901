/** Asks for the key, where one is needed. */
import { useSignal } from "@preact/signals";
import { useKey } from "./key";
import { say } from "./language";

export function SignIn({ why }: { why: string | null }) {
  const typed = useSignal("");
  const remember = useSignal(true);
  return (
    <main>
      <form
        class="sign-in"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.value.trim() !== "") useKey(typed.value.trim(), remember.value);
        }}
      >
        <h1>{say("Dispatch", "派工")}</h1>
        <label for="key">{say("Your key", "您的密钥")}</label>
        <input
          id="key"
          type="password"
          autocomplete="current-password"
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
        <label>
          <input
            type="checkbox"
            checked={remember.value}
            onChange={(event) => {
              remember.value = event.currentTarget.checked;
            }}
          />{" "}
          {say("Stay signed in on this device", "在本设备保持登录")}
        </label>
        {why !== null && <p role="alert">{why}</p>}
        <button type="submit" class="main">
          {say("Sign in", "登录")}
        </button>
        <p class="quiet">
          {say(
            "Whoever runs the server makes keys: dispatch keys create NAME --role dispatcher",
            "密钥由服务器管理员创建：dispatch keys create NAME --role dispatcher",
          )}
        </p>
      </form>
    </main>
  );
}
