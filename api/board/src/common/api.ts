/** The public API, typed by its own OpenAPI document, which is read when the board is built. */
import createClient, { type Middleware } from "openapi-fetch";
import { key } from "./key";
import { language, say } from "./language";
import type { components, paths } from "./schema";

export type Shapes = components["schemas"];
export type Problem = Shapes["Problem"];

/** Where the API begins: beside the board, also behind a proxy's prefix. */
export const BASE = new URL("..", document.baseURI).href.replace(/\/$/, "");

/** What the API refused; `problem.code` is for programs, the message for people. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ProblemError";
    this.problem = problem;
  }
}

/** Nothing answered: no network, or the server is away. */
export class UnreachableError extends Error {
  constructor() {
    super(say("The server cannot be reached.", "无法连接服务器。"));
    this.name = "UnreachableError";
  }
}

export function headers(): Record<string, string> {
  const always = { "Accept-Language": language.value };
  return key.value === null ? always : { ...always, Authorization: `Bearer ${key.value}` };
}

const asCaller: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(headers())) request.headers.set(name, value);
    return request;
  },
  onError() {
    return new UnreachableError();
  },
};

export const api = createClient<paths>({ baseUrl: BASE });
api.use(asCaller);

interface Answer<T> {
  data?: T | undefined;
  error?: unknown;
  response: Response;
}

/** What was answered. Throws ProblemError and UnreachableError. */
export async function answered<T>(asked: Promise<Answer<T>>): Promise<T> {
  return (await withEtag(asked)).data;
}

/** What was answered, with the ETag that changing it needs. Throws the same. */
export async function withEtag<T>(
  asked: Promise<Answer<T>>,
): Promise<{ data: T; etag: string | null }> {
  const { data, error, response } = await asked;
  if (!response.ok) throw new ProblemError(problemOf(error, response));
  return { data: data as T, etag: response.headers.get("ETag") };
}

function problemOf(error: unknown, response: Response): Problem {
  if (typeof error === "object" && error !== null && "code" in error) return error as Problem;
  return {
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    code: "unreadable",
    detail: say(
      `The server answered ${response.status} without saying why.`,
      `服务器返回 ${response.status}，未说明原因。`,
    ),
    errors: [],
  };
}
