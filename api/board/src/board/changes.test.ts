import { expect, test } from "vitest";
import { effectOf } from "./changes";

test.each([
  [{ kind: "ready" }, "nothing"],
  [{ kind: "run.progress" }, "nothing"],
  [{ kind: "stock.moved" }, "nothing"],
  [{ kind: "draft.changed", version: 8 }, "drafts"],
  [{ kind: "draft.changed", version: 7 }, "shown"],
  [{ kind: "plan.published", version: 8 }, "all"],
  [{ kind: "ticket.taken" }, "all"],
  [{ kind: "reset" }, "all"],
] as const)("%j means %s for who looks at draft 7", (change, effect) => {
  expect(effectOf(change, "7")).toBe(effect);
});
