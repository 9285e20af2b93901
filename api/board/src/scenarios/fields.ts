/** The fields of each kind of change, read from the JSON Schema of scenario files. */

export type Choice =
  | "technicians"
  | "stations"
  | "territories"
  | "parts"
  | "skills"
  | "products"
  | "calendars"
  | "rules"
  | "policies";

export type Shape = "text" | "number" | "flag" | "date" | "time" | "date-time" | "prices";

export interface Field {
  name: string;
  shape: Shape;
  many: boolean;
  required: boolean;
  /** Looked at first; the others are folded away. */
  main: boolean;
  /** Where the organisation's own names come from, or the values that there are. */
  choice: Choice | readonly string[] | null;
  min?: number;
  max?: number;
  whole: boolean;
}

interface Node {
  $ref?: string;
  anyOf?: Node[];
  items?: Node;
  type?: string;
  format?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Node>;
  required?: string[];
  const?: string;
  discriminator?: { mapping: Record<string, string> };
}

const CHOICES: Readonly<Record<string, Choice>> = {
  technicians: "technicians",
  like: "technicians",
  station: "stations",
  to: "stations",
  territory: "territories",
  territories: "territories",
  cover: "territories",
  add: "territories",
  remove: "territories",
  part: "parts",
  instead: "parts",
  skill: "skills",
  product: "products",
  products: "products",
  calendar: "calendars",
  rules: "rules",
};
const MAIN = new Set([
  "technicians",
  "station",
  "territory",
  "territories",
  "count",
  "hours",
  "start",
  "end",
  "add",
  "remove",
]);
const WEEKDAYS = ["0", "1", "2", "3", "4", "5", "6"];

/** By kind of change, in the order of the schema. */
export function fieldsOf(schema: unknown): ReadonlyMap<string, readonly Field[]> {
  const definitions = (schema as { $defs: Record<string, Node> }).$defs;
  const changes = (schema as { properties: Record<string, Node> }).properties.changes;
  const mapping = changes?.items?.discriminator?.mapping ?? {};
  return new Map(
    Object.entries(mapping).map(([kind, ref]) => [
      kind,
      ofChange(kind, definitions, resolved({ $ref: ref }, definitions)),
    ]),
  );
}

function ofChange(kind: string, all: Record<string, Node>, change: Node): readonly Field[] {
  const required = new Set(change.required ?? []);
  const fields = Object.entries(change.properties ?? {})
    .filter(([name]) => name !== "change")
    .map(([name, node]) => field(kind, name, resolved(node, all), all, required.has(name)));
  return [...fields.filter((one) => one.required), ...fields.filter((one) => !one.required)];
}

function field(
  kind: string,
  name: string,
  node: Node,
  all: Record<string, Node>,
  required: boolean,
): Field {
  const many = node.type === "array";
  const one = many ? resolved(node.items ?? {}, all) : node;
  return {
    name,
    shape: shapeOf(one),
    many,
    required,
    main: required || MAIN.has(name),
    choice: choiceOf(kind, name, one),
    ...(one.minimum === undefined ? {} : { min: one.minimum }),
    ...(one.maximum === undefined ? {} : { max: one.maximum }),
    whole: one.type === "integer",
  };
}

function shapeOf(node: Node): Shape {
  if (node.type === "object") return "prices";
  if (node.type === "boolean") return "flag";
  if (node.type === "integer" || node.type === "number") return "number";
  if (node.format === "date" || node.format === "time" || node.format === "date-time") {
    return node.format;
  }
  return "text";
}

function choiceOf(kind: string, name: string, node: Node): Field["choice"] {
  if (node.enum !== undefined) return node.enum;
  if (name === "weekdays") return WEEKDAYS;
  if (kind === "policy" && name === "name") return "policies";
  return CHOICES[name] ?? null;
}

/** What a reference stands for; of what may be null, what it is otherwise. */
function resolved(node: Node, all: Record<string, Node>): Node {
  const given = node.anyOf?.find((one) => one.type !== "null") ?? node;
  if (given.$ref === undefined) return given;
  return all[given.$ref.replace("#/$defs/", "")] ?? {};
}
