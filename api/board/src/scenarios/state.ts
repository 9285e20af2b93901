/** The studies that there are, and the one that is looked at: read again while it goes on. */
import { signal } from "@preact/signals";
import { answered, api, BASE, headers, ProblemError, type Shapes } from "../common/api";
import { listen } from "../common/events";
import { complain } from "../common/notices";
import { bodyOf, type Draft } from "./draft";

export type Study = Shapes["Study"];
export type StudyFacts = Shapes["StudyFacts"];
export type Progress = Shapes["StudyProgress"];

export const studies = signal<readonly StudyFacts[] | null>(null);
/** The id of the study that is looked at; null: a new one is put together. */
export const chosen = signal<string | null>(new URLSearchParams(location.search).get("study"));
export const study = signal<Study | null>(null);
export const progress = signal<Progress | null>(null);
export const busy = signal(false);
/** What the server did not like, by where it stands in what was sent. */
export const mistakes = signal<readonly { pointer: string; detail: string }[]>([]);

const READ_EACH_MS = 2_000;

export function lookAt(id: string | null): void {
  chosen.value = id;
  const query = id === null ? "" : `?study=${encodeURIComponent(id)}`;
  history.replaceState(null, "", location.pathname + query);
}

export const isOver = (facts: StudyFacts): boolean =>
  facts.state !== "queued" && facts.state !== "running";

export async function readStudies(): Promise<void> {
  try {
    studies.value = (await answered(api.GET("/v1/studies"))).items;
  } catch (error) {
    complain(error);
  }
}

export async function start(given: Draft): Promise<void> {
  busy.value = true;
  mistakes.value = [];
  try {
    const params = { header: { "Idempotency-Key": crypto.randomUUID() } };
    const made = await answered(api.POST("/v1/studies", { params, body: bodyOf(given) }));
    lookAt(made.id);
    await readStudies();
  } catch (error) {
    const found = error instanceof ProblemError ? (error.problem.errors ?? []) : [];
    mistakes.value = found.map((one) => ({ pointer: one.pointer ?? "", detail: one.detail }));
    if (found.length === 0) complain(error);
  } finally {
    busy.value = false;
  }
}

export function cancel(id: string): void {
  const params = { path: { study_id: id } };
  answered(api.POST("/v1/studies/{study_id}/cancellation", { params })).catch(complain);
}

/** Reads a study, and goes on doing so until it is over; how to stop. */
export function follow(id: string): () => void {
  const stop = new AbortController();
  study.value = null;
  progress.value = null;
  void watch(id, stop.signal).catch(complain);
  return () => stop.abort();
}

async function watch(id: string, stop: AbortSignal): Promise<void> {
  let readAt = 0;
  const read = async (): Promise<void> => {
    readAt = Date.now();
    const found = await answered(
      api.GET("/v1/studies/{study_id}", { params: { path: { study_id: id } } }),
    );
    if (stop.aborted) return;
    study.value = found;
    progress.value = found.facts.progress ?? progress.value;
  };
  await read();
  if (study.value === null || isOver(study.value.facts)) return;
  const over = new AbortController();
  stop.addEventListener("abort", () => over.abort());
  await listen(`/v1/studies/${encodeURIComponent(id)}/events`, over.signal, ({ event, data }) => {
    if (event === "progress") progress.value = JSON.parse(data) as Progress;
    if (event === "finished") over.abort();
    else if (Date.now() - readAt > READ_EACH_MS) read().catch(complain);
  });
  if (stop.aborted) return;
  await read();
  await readStudies();
}

/** Saves the report, in the language of the page. */
export async function saveReport(id: string, name: string, ending: "html" | "xlsx"): Promise<void> {
  try {
    const asking = `${BASE}/v1/studies/${encodeURIComponent(id)}/report.${ending}`;
    const response = await fetch(asking, { headers: headers() });
    if (!response.ok) throw new ProblemError(await response.json());
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = `${name.replace(/[\\/:*?"<>|]/g, " ")}.${ending}`;
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    complain(error);
  }
}
