import { expect, test } from "vitest";
import { fieldsOf } from "./fields";

const SCHEMA = {
  $defs: {
    Sla: {
      properties: {
        change: { const: "sla", type: "string" },
        rules: { type: "array", items: { type: "string" }, default: [] },
        clock: { $ref: "#/$defs/ClockKind" },
        hours: { anyOf: [{ type: "number", maximum: 100 }, { type: "null" }], default: null },
      },
      required: ["clock"],
    },
    Prices: {
      properties: {
        change: { const: "prices", type: "string" },
        prices: { type: "object", additionalProperties: { type: "integer" } },
      },
      required: ["prices"],
    },
    ClockKind: { enum: ["respond", "arrive"], type: "string" },
  },
  properties: {
    changes: {
      type: "array",
      items: { discriminator: { mapping: { sla: "#/$defs/Sla", prices: "#/$defs/Prices" } } },
    },
  },
};

test("fields are those of the schema, those that are needed first", () => {
  const fields = fieldsOf(SCHEMA);
  expect([...fields.keys()]).toEqual(["sla", "prices"]);
  const [clock, rules, hours] = fields.get("sla") ?? [];
  expect(clock).toMatchObject({ name: "clock", required: true, choice: ["respond", "arrive"] });
  expect(rules).toMatchObject({ name: "rules", many: true, choice: "rules", main: false });
  expect(hours).toMatchObject({ name: "hours", shape: "number", max: 100, whole: false });
  expect(fields.get("prices")?.[0]).toMatchObject({ shape: "prices", required: true });
});
