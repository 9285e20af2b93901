/**
 * Keeps the files of the technician's page, so that it opens where there is no network.
 *
 * The page comes from what is kept, at once; meanwhile it is asked whether there is a new one, whose
 * files are all there before it takes the place of the old one.
 */
interface Waitable extends Event {
  waitUntil(done: Promise<unknown>): void;
}

interface Fetching extends Waitable {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

const NAME = "dispatch.technician";
const PAGE = "technician.html";
const FILE = /(?:href|src)="(\.\/[^"]+)"/g;

function pageUrl(): string {
  return new URL(PAGE, location.href).href;
}

function filesOf(html: string): string[] {
  return Array.from(html.matchAll(FILE), ([, path]) => new URL(path ?? "", pageUrl()).href);
}

/** All or nothing: what is kept always fits together. */
async function renew(): Promise<void> {
  const cache = await caches.open(NAME);
  const [fresh, old] = await Promise.all([
    fetch(pageUrl(), { cache: "no-cache" }),
    cache.match(pageUrl()),
  ]);
  if (!fresh.ok) throw new Error(`${fresh.status}`);
  const html = await fresh.clone().text();
  if (html === (await old?.text())) return;
  const files = filesOf(html);
  await cache.addAll(files);
  await cache.put(pageUrl(), fresh);
  const wanted = new Set([...files, pageUrl()]);
  const gone = (await cache.keys()).filter(({ url }) => !wanted.has(url));
  await Promise.all(gone.map((request) => cache.delete(request)));
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  const found = await cache.match(request, { ignoreSearch: request.mode === "navigate" });
  return found ?? fetch(request);
}

addEventListener("install", (event) => (event as Waitable).waitUntil(renew()));

addEventListener("fetch", (event) => {
  const { request } = event as Fetching;
  if (request.method !== "GET" || new URL(request.url).pathname.includes("/v1/")) return;
  (event as Fetching).respondWith(answer(request));
  // Without a network what is kept is as good as it gets.
  if (request.mode === "navigate") (event as Fetching).waitUntil(renew().catch(() => undefined));
});
