/** Server-sent events over fetch: EventSource can send no key. */
import { BASE, headers } from "./api";

export interface ServerEvent {
  id: string | null;
  event: string;
  data: string;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const NO_MORE = 204;

/**
 * Listens until `stop` is aborted or the server says that there is no more. After a loss it goes on
 * behind the last event that was seen. `connected` is told whether there is a connection.
 */
export async function listen(
  path: string,
  stop: AbortSignal,
  heard: (event: ServerEvent) => void,
  connected: (is: boolean) => void = () => {},
): Promise<void> {
  let lastId: string | null = null;
  let wait = FIRST_WAIT_MS;
  while (!stop.aborted) {
    try {
      const seen: Record<string, string> = lastId === null ? {} : { "Last-Event-ID": lastId };
      const response = await fetch(BASE + path, {
        headers: { ...headers(), ...seen, Accept: "text/event-stream" },
        signal: stop,
      });
      if (response.status === NO_MORE) return;
      if (!response.ok || response.body === null) throw new Error(`${response.status}`);
      connected(true);
      wait = FIRST_WAIT_MS;
      for await (const event of eventsOf(response.body)) {
        lastId = event.id ?? lastId;
        if (event.data !== "") heard(event);
      }
    } catch {
      if (stop.aborted) return;
    }
    connected(false);
    await pause(wait, stop);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as never).getReader();
  let kept = "";
  for (;;) {
    const { done, value } = (await reader.read()) as ReadableStreamReadResult<string>;
    if (done) return;
    const blocks = (kept + value).replaceAll("\r\n", "\n").split("\n\n");
    kept = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== null) yield event;
    }
  }
}

function eventOf(block: string): ServerEvent | null {
  const found: ServerEvent = { id: null, event: "message", data: "" };
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, field, value] = /^([a-z]+): ?(.*)$/s.exec(line) ?? [];
    if (field === "id") found.id = value ?? "";
    else if (field === "event") found.event = value ?? "";
    else if (field === "data") data.push(value ?? "");
  }
  // An id alone says only from where to go on.
  if (data.length === 0 && found.id === null) return null;
  return { ...found, data: data.join("\n") };
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    stop.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
