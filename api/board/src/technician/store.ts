/** What the phone keeps in its own database: the days as they were last seen, and what it has to send. */
import type { Shapes } from "../common/api";

const NAME = "dispatch.technician";
const VERSION = 1;

/** A day as the server told it. `aheadMs` is how far the server's clock was ahead of the phone's. */
export interface KeptDay {
  day: Shapes["TechnicianDay"];
  seenMs: number;
  aheadMs: number;
}

/** How far a visit is, as the technician sees it. */
export interface Progress {
  state: Shapes["State"];
  /** When the run-in began that goes on, in ms. */
  runInMs: number | null;
  /** Whether the technician said that he or she arrived. */
  isHere: boolean;
}

/** Something that was recorded on this phone, and how far the visit was before. */
export interface Tap {
  technicianId: string;
  workOrderId: string;
  body: Shapes["EventIn"];
  before: Progress;
}

/**
 * A fact that is to be sent; or, with a `withdrawal`, that the fact in `body` was a mistake.
 *
 * - waiting: nobody has it yet
 * - sent: the server has it, but the day that is shown does not
 * - office: the server keeps it for a person, or a part of it; `why` says why
 * - refused: the server did not take it
 */
export interface Queued {
  number?: number;
  technicianId: string;
  workOrderId: string;
  body: Shapes["EventIn"];
  state: "waiting" | "sent" | "office" | "refused";
  why: string | null;
  withdrawal?: { body: Shapes["WithdrawalIn"]; before: Progress };
  /** Whether the server may have it, though nobody heard its answer. */
  tried?: boolean;
}

type Table = "kept" | "queue";

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("kept");
      request.result.createObjectStore("queue", { keyPath: "number", autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/** Resolves when it is safely kept, not when it was asked for. */
async function within<T>(
  table: Table,
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(table, mode, { durability: "strict" });
    const request = act(transaction.objectStore(table));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

export function keep(name: string, value: unknown): Promise<unknown> {
  return within("kept", "readwrite", (store) => store.put(value, name));
}

export async function kept<T>(name: string): Promise<T | null> {
  return ((await within("kept", "readonly", (store) => store.get(name))) as T | undefined) ?? null;
}

/** Everything but what is still to be sent. */
export function forgetKept(): Promise<unknown> {
  return within("kept", "readwrite", (store) => store.clear());
}

/** Days and other things whose names sort below one. */
export function forgetBelow(prefix: string, name: string): Promise<unknown> {
  const range = IDBKeyRange.bound(prefix, name, false, true);
  return within("kept", "readwrite", (store) => store.delete(range));
}

export async function put(entry: Queued): Promise<number> {
  return (await within("queue", "readwrite", (store) => store.put(entry))) as number;
}

/** In the order in which it happened. */
export async function queuedOf(technicianId: string): Promise<Queued[]> {
  const all = (await within("queue", "readonly", (store) => store.getAll())) as Queued[];
  return all.filter((entry) => entry.technicianId === technicianId);
}

export function drop(number: number): Promise<unknown> {
  return within("queue", "readwrite", (store) => store.delete(number));
}
