/** Who uses the phone: asked of the server, and remembered for where there is no network. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { answered, api, ProblemError, type Shapes } from "../common/api";
import { forgetKey, key } from "../common/key";
import { language, say } from "../common/language";
import { complain, Notices } from "../common/notices";
import { me } from "../common/Signed";
import { SignIn } from "../common/SignIn";
import { timeZone } from "../common/time";
import { load } from "./day";
import { begin, isAnswer, reachable } from "./queue";
import { keep, kept } from "./store";

const ME = "me";
const ASK_MS = 10_000;
const UNAUTHENTICATED = 401;
const RECORDING: readonly string[] = ["technician", "dispatcher", "administrator"];

const trouble = signal<string | null>(null);
const refused = signal(false);
const named = signal(new URLSearchParams(location.search).get("technician"));
const people = signal<readonly Shapes["TechnicianOut"][]>([]);

export function mayRecord(): boolean {
  return me.value !== null && RECORDING.includes(me.value.role);
}

async function ask(): Promise<void> {
  try {
    const found = await answered(api.GET("/v1/me", { signal: AbortSignal.timeout(ASK_MS) }));
    reachable.value = true;
    await keep(ME, found);
    enter(found);
  } catch (error) {
    reachable.value = isAnswer(error);
    const before = reachable.value ? null : await kept<Shapes["Me"]>(ME);
    if (before !== null) enter(before);
    else turnAway(error);
  }
}

function enter(found: Shapes["Me"]): void {
  timeZone.value = found.time_zone;
  refused.value = false;
  trouble.value = null;
  named.value = found.technician_id ?? named.value;
  me.value = found;
}

function turnAway(error: unknown): void {
  refused.value = error instanceof ProblemError && error.problem.status === UNAUTHENTICATED;
  // Without a key there is nothing to complain about yet.
  if (!refused.value || key.value !== null) {
    trouble.value = error instanceof Error ? error.message : String(error);
  }
  me.value = null;
  if (refused.value) forgetKey();
}

export function Door({ children }: { children: ComponentChildren }) {
  const current = key.value;
  const spoken = language.value;
  useEffect(() => {
    void ask();
  }, [current, spoken]);
  const who = me.value === null ? null : named.value;
  useEffect(() => {
    if (who !== null) void begin(who, load).then(load);
  }, [who]);
  if (refused.value) return <SignIn why={trouble.value} />;
  if (me.value === null) return <Waiting />;
  return (
    <>
      {who === null ? <Choosing /> : children}
      <Notices />
    </>
  );
}

function Waiting() {
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

const MOST = 200;

/** For the desk: whose day to look at. */
function Choosing() {
  useEffect(() => {
    answered(api.GET("/v1/technicians", { params: { query: { limit: MOST } } }))
      .then((page) => {
        people.value = page.items;
      })
      .catch(complain);
  }, []);
  return (
    <main class="sign-in">
      <label for="technician">{say("Whose day?", "查看哪位技术员？")}</label>
      <select
        id="technician"
        onChange={(event) => {
          named.value = event.currentTarget.value;
        }}
      >
        <option value="">{say("Choose", "请选择")}</option>
        {people.value.map(({ id, name }) => (
          <option key={id} value={id}>{`${name} ${id}`}</option>
        ))}
      </select>
    </main>
  );
}
