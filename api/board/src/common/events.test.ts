import { expect, test } from "vitest";
import { eventsOf, type ServerEvent } from "./events";

/** The events of a stream that comes in these pieces. */
async function read(...pieces: string[]): Promise<ServerEvent[]> {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece));
      controller.close();
    },
  });
  const found = [];
  for await (const event of eventsOf(body)) found.push(event);
  return found;
}

test("events come whole, however the stream is cut", async () => {
  const stream = 'id: 4\nevent: progress\ndata: {"at":\ndata: 1}\n\n: still there\n\nid: 5-2,3\n\n';
  const whole = await read(stream);
  expect(whole).toEqual([
    { id: "4", event: "progress", data: '{"at":\n1}' },
    { id: "5-2,3", event: "message", data: "" },
  ]);
  expect(await read(...stream)).toEqual(whole);
});
