/** A page for whoever may see it: asks who is calling, and for a key if that is not known. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { answered, api, ProblemError, type Shapes } from "./api";
import { forgetKey, key } from "./key";
import { language, say } from "./language";
import { Notices } from "./notices";
import { SignIn } from "./SignIn";
import { timeZone } from "./time";

export type Me = Shapes["Me"];

/** Who is calling; null until it is known. */
export const me = signal<Me | null>(null);
const trouble = signal<string | null>(null);
const refused = signal(false);

async function ask(): Promise<void> {
  try {
    const found = await answered(api.GET("/v1/me"));
    timeZone.value = found.time_zone;
    me.value = found;
    refused.value = false;
    trouble.value = null;
  } catch (error) {
    me.value = null;
    refused.value = error instanceof ProblemError && error.problem.status === 401;
    // Without a key there is nothing to complain about yet.
    const isFirst = refused.value && key.value === null;
    if (!isFirst) trouble.value = error instanceof Error ? error.message : String(error);
    if (refused.value) forgetKey();
  }
}

export function Signed({ children }: { children: ComponentChildren }) {
  const current = key.value;
  const spoken = language.value;
  useEffect(() => {
    void ask();
  }, [current, spoken]);
  if (me.value !== null) {
    return (
      <>
        {children}
        <Notices />
      </>
    );
  }
  if (refused.value) return <SignIn why={trouble.value} />;
  return (
    <main class="sign-in">
      <p role="status">{trouble.value ?? say("Connecting …", "正在连接…")}</p>
      {trouble.value !== null && (
        <button type="button" onClick={() => void ask()}>
          {say("Try again", "重试")}
        </button>
      )}
    </main>
  );
}
