/** What a draft does instead of the published plan, whom that affects; then it is published. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { answered, api, ProblemError, type Shapes } from "../common/api";
import { say } from "../common/language";
import { Modal } from "../common/Modal";
import { complain, tell } from "../common/notices";
import { dayAndTime, duration, yuan } from "../common/time";
import { clockText, ruleText } from "../common/words";
import { lookAt, PUBLISHED, reload, shown, wanted } from "./store";

type Comparison = Shapes["ComparisonOut"];

const KINDS: Readonly<Record<Shapes["DifferenceKind"], () => string>> = {
  planned: () => say("now planned", "新排入"),
  dropped: () => say("left out now", "被移出"),
  reassigned: () => say("somebody else", "换人"),
  retimed: () => say("another time", "改时间"),
  new: () => say("new", "新增"),
  gone: () => say("not there any more", "已不存在"),
};

export function PublishDialog({ close }: { close: () => void }) {
  const found = useSignal<Comparison | null>(null);
  const isFirst = useSignal(false);
  const reason = useSignal("");
  const busy = useSignal(false);
  const version = wanted.value;
  useEffect(() => {
    const params = { path: { version }, query: { with: PUBLISHED } };
    answered(api.GET("/v1/plans/{version}/comparison", { params })).then(
      (comparison) => {
        found.value = comparison;
      },
      (error: unknown) => {
        // There is nothing to compare with before the first publication.
        if (error instanceof ProblemError && error.problem.status === 404) isFirst.value = true;
        else complain(error);
      },
    );
  }, [version]);
  const broken = found.value?.effect.broken ?? [];
  const publish = async () => {
    const read = shown.value;
    if (read === null) return;
    busy.value = true;
    try {
      const header = { "If-Match": read.etag, "Idempotency-Key": crypto.randomUUID() };
      const forced = reason.value.trim() === "" ? {} : { force: true, reason: reason.value.trim() };
      const done = await answered(
        api.POST("/v1/plans/{version}/publication", {
          params: { path: { version }, header },
          body: forced,
        }),
      );
      tell(
        say(
          `Version ${done.version} is published: ${done.bookings} bookings, ${done.notices.length} messages.`,
          `版本 ${done.version} 已发布：${done.bookings} 项预订，${done.notices.length} 条通知。`,
        ),
      );
      lookAt(PUBLISHED);
      close();
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status === 412) await reload();
      complain(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Modal title={say(`Publish draft ${version}`, `发布草稿 ${version}`)} close={close}>
      {found.value === null && !isFirst.value ? (
        <p role="status">{say("Comparing …", "比较中…")}</p>
      ) : (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void publish();
          }}
        >
          {found.value !== null && <Differences of={found.value} />}
          {broken.length > 0 && (
            <label>
              {say("Rules are broken; why all the same", "存在违规；仍要发布的原因")}
              <input
                required
                value={reason.value}
                onInput={(event) => {
                  reason.value = event.currentTarget.value;
                }}
              />
            </label>
          )}
          <div class="buttons">
            <button type="submit" class="main" disabled={busy.value}>
              {say("Publish and tell people", "发布并通知")}
            </button>
            <button type="button" onClick={close}>
              {say("Not yet", "暂不")}
            </button>
          </div>
        </form>
      )}
    </Modal>
  );
}

function Differences({ of }: { of: Comparison }) {
  const { cost_before_fen: before, cost_after_fen: after, late, broken } = of.effect;
  const people = new Set(
    of.differences.flatMap((one) => [...(one.before?.names ?? []), ...(one.after?.names ?? [])]),
  );
  return (
    <>
      <p>
        {say(
          `${of.differences.length} visits change; ${people.size} technicians are affected.`,
          `${of.differences.length} 个任务变化；涉及 ${people.size} 名技术员。`,
        )}
        {before !== null &&
          after !== null &&
          ` ${after >= before ? "+" : ""}${yuan(after - before)}`}
      </p>
      {broken.map((one) => (
        <p key={`${one.code} ${one.subject}`} class="state broken">
          {one.subject}: {ruleText(one.code, one.amount)}
        </p>
      ))}
      {late.map((one) => (
        <p key={`${one.visit_id} ${one.clock}`} class="state at_risk">
          {one.visit_id}: {clockText(one.clock)} {duration(one.late_s)} {say("late", "超时")}
        </p>
      ))}
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>{say("Visit", "任务")}</th>
              <th>{say("What", "变化")}</th>
              <th>{say("Published", "已发布")}</th>
              <th>{say("Draft", "草稿")}</th>
            </tr>
          </thead>
          <tbody>
            {of.differences.map((one) => (
              <tr key={one.visit_id}>
                <td>{one.visit_id}</td>
                <td>{KINDS[one.kind]()}</td>
                <td>{appointment(one.before)}</td>
                <td>{appointment(one.after)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function appointment(of: Shapes["Appointment"] | null): string {
  return of === null ? "–" : `${of.names.join(", ")}, ${dayAndTime(Date.parse(of.start_at))}`;
}
