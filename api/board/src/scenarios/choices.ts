/** The organisation's own names, for the fields of changes. */
import { signal } from "@preact/signals";
import { answered, api, type Shapes } from "../common/api";
import { complain } from "../common/notices";
import { fieldsOf, type Choice, type Field } from "./fields";

export interface Named {
  value: string;
  text: string;
}

interface Known {
  fields: ReadonlyMap<string, readonly Field[]>;
  names: Readonly<Record<Choice, readonly Named[]>>;
  prices: readonly string[];
  drafts: readonly number[];
}

interface Paged<T> {
  items: readonly T[];
  next?: string | null;
}

export const known = signal<Known | null>(null);

const LIMIT = 200;
const UNASSIGNED = "unassigned_";

export async function readChoices(): Promise<void> {
  try {
    const [schema, terms, territories, technicians, stations, parts, orders, plans] =
      await Promise.all([
        answered(api.GET("/v1/scenario-schema")),
        answered(api.GET("/v1/terms")),
        answered(api.GET("/v1/territories")),
        all((query) => answered(api.GET("/v1/technicians", { params: { query } }))),
        all((query) => answered(api.GET("/v1/stations", { params: { query } }))),
        all((query) => answered(api.GET("/v1/parts", { params: { query } }))),
        answered(api.GET("/v1/work-orders", { params: { query: { limit: LIMIT } } })),
        answered(api.GET("/v1/plans", { params: { query: { limit: LIMIT } } })),
      ]);
    const skills = technicians.flatMap((one) => one.certificates.map((held) => held.skill));
    const products = [...terms.sla_rules, ...orders.items].map((one) => one.product ?? "");
    known.value = {
      fields: fieldsOf(schema),
      names: {
        technicians: technicians.map((one) => ({ value: one.id, text: `${one.name} ${one.id}` })),
        stations: stations.map((one) => ({ value: one.id, text: `${one.name} ${one.id}` })),
        parts: parts.map((one) => ({ value: one.id, text: one.name })),
        territories: plain(territories.items),
        skills: plain(skills),
        products: plain(products),
        calendars: plain(terms.calendars.map((one) => one.id)),
        rules: plain(terms.sla_rules.map((one) => one.id)),
        policies: plain(terms.policies.map((one) => one.name)),
      },
      prices: terms.policies.slice(0, 1).flatMap(pricesOf),
      drafts: plans.items.filter((one) => one.state === "draft").map((one) => one.number),
    };
  } catch (error) {
    complain(error);
  }
}

async function all<T>(
  page: (query: { limit: number; cursor?: string }) => Promise<Paged<T>>,
): Promise<readonly T[]> {
  const found: T[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { items, next } = await page(cursor ? { limit: LIMIT, cursor } : { limit: LIMIT });
    found.push(...items);
    cursor = next ?? null;
  }
  return found;
}

function plain(values: readonly string[]): readonly Named[] {
  const differing = [...new Set(values.filter((one) => one !== ""))].sort();
  return differing.map((value) => ({ value, text: value }));
}

/** The names of prices as changes write them. */
function pricesOf(policy: Shapes["Policy"]): readonly string[] {
  return Object.entries(policy).flatMap(([name, value]) => {
    if (name === "name") return [];
    if (typeof value === "object") return Object.keys(value ?? {}).map((one) => UNASSIGNED + one);
    return [name];
  });
}
