/** Who goes along with whom a crew visit was given to: the engine's choice, or another. */
import { useSignal } from "@preact/signals";
import { say } from "../common/language";
import { Modal } from "../common/Modal";
import { complain } from "../common/notices";
import { dayAndTime } from "../common/time";
import {
  companyOf,
  crewing,
  crewSize,
  type Evaluation,
  evaluate,
  moved,
  type Place,
} from "./moves";
import { board, nameOf } from "./store";
import { stateOf, summary } from "./Verdict";

export function CrewDialog() {
  const what = crewing.value;
  if (what === null) return null;
  const { visitId, place } = what.wish;
  return <Crew key={visitId} visitId={visitId} first={place} foreseen={what.said} />;
}

interface CrewProps {
  visitId: string;
  first: Place;
  foreseen: Evaluation;
}

function Crew({ visitId, first, foreseen }: CrewProps) {
  const place = useSignal(first);
  const said = useSignal<Evaluation | null>(foreseen);
  const visit = board.value?.visits[visitId];
  const site = board.value?.sites[visit?.site_id ?? ""];
  const [leader = "", ...others] = place.value.technicianIds;
  const missing = Array.from({ length: Math.max(0, crewSize(visitId) - 1) }, (_, i) => others[i]);
  const close = () => {
    crewing.value = null;
  };
  // An empty choice is the engine's.
  const pick = async (index: number, technicianId: string) => {
    const crew = missing.map((one, i) => (i === index ? technicianId : (one ?? "")));
    const chosen = { ...first, technicianIds: [leader, ...crew.filter((one) => one !== "")] };
    place.value = chosen;
    said.value = null;
    try {
      const found = await evaluate({ visitId, place: chosen });
      if (place.value !== chosen) return;
      const company = companyOf(chosen, found);
      place.value = { ...chosen, technicianIds: [...chosen.technicianIds, ...company] };
      said.value = found;
    } catch (error) {
      complain(error);
    }
  };
  const start = said.value?.placed[0]?.start_at;
  return (
    <Modal title={say("Who goes along?", "谁同行？")} close={close}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const found = said.value;
          if (found === null) return;
          close();
          void moved({ visitId, place: place.value }, found);
        }}
      >
        <p>
          <strong>{site?.name ?? visitId}</strong>{" "}
          {say(
            `needs ${crewSize(visitId)} technicians at once.`,
            `需要 ${crewSize(visitId)} 名技术员同时到场。`,
          )}
        </p>
        <dl class="figures">
          <dt>{say("Leads, brings the parts", "领队（携带备件）")}</dt>
          <dd>{nameOf(leader)}</dd>
        </dl>
        {missing.map((chosen, index) => (
          <label key={index}>
            {say(`Goes along (${index + 2})`, `同行（${index + 2}）`)}
            <select
              value={chosen ?? ""}
              onChange={(event) => void pick(index, event.currentTarget.value)}
            >
              <option value="">{say("whoever fits best", "自动选择最合适者")}</option>
              <Candidates
                territory={site?.territory ?? ""}
                taken={place.value.technicianIds.filter((one) => one !== chosen)}
              />
            </select>
          </label>
        ))}
        <p class={`verdict ${stateOf(said.value ?? undefined)}`} role="status">
          {said.value === null ? "…" : summary(said.value)}
        </p>
        <div class="buttons">
          <button type="button" onClick={close}>
            {say("Put it back", "放回原处")}
          </button>
          <button type="submit" class="main" autofocus disabled={said.value === null}>
            {start
              ? say(
                  `Plan it on ${dayAndTime(Date.parse(start))}`,
                  `安排在 ${dayAndTime(Date.parse(start))}`,
                )
              : say("Plan it", "安排")}
          </button>
        </div>
      </form>
    </Modal>
  );
}

interface CandidatesProps {
  territory: string;
  taken: readonly string[];
}

/** Whoever has a shift, those who cover the territory first. */
function Candidates({ territory, taken }: CandidatesProps) {
  const free = (board.value?.technicians ?? []).filter(
    (one) => (one.shifts ?? []).length > 0 && !taken.includes(one.id),
  );
  const covers = (one: (typeof free)[number]) =>
    (one.territories ?? []).includes(territory) || (one.backup ?? []).includes(territory);
  const groups = [
    [say("Cover the territory", "负责该责任区"), free.filter(covers)],
    [say("Others", "其他"), free.filter((one) => !covers(one))],
  ] as const;
  return (
    <>
      {groups.map(([label, people]) =>
        people.length === 0 ? null : (
          <optgroup key={label} label={label}>
            {people.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} {one.id}
              </option>
            ))}
          </optgroup>
        ),
      )}
    </>
  );
}
