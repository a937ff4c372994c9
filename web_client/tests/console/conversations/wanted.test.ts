import { expect, it } from "vitest";
import type { ListedConversation } from "../../../src/console/api/types";
import { personWanted } from "../../../src/console/conversations/wanted";

const NOW = Date.parse("2026-03-02T12:00:00Z");
const CONVERSATION = {
  id: "conv_1",
  status: "closed",
  outcomes: ["handoff"],
  created_at: "2026-03-02T09:00:00Z",
} as ListedConversation;

it.each([
  [{}, 1],
  [{ status: "open" as const }, 0],
  [{ status: "dropped" as const }, 1],
  [{ outcomes: ["meeting" as const] }, 0],
  [{ created_at: "2026-03-01T12:00:00Z" }, 0],
])("a person is wanted by who asked for one within a day and is not on the line any more", (about, found) => {
  expect(personWanted([{ ...CONVERSATION, ...about }], NOW)).toHaveLength(found);
});

it("who asked more than once is told once, of the latest time", () => {
  const [latest, before] = [{ lead_id: "lead_1" }, { lead_id: "lead_1", id: "conv_0" }];
  const others = [
    { id: "conv_2", lead_id: null },
    { id: "conv_3", lead_id: null },
  ];
  const found = personWanted(
    [latest, before, ...others].map((about) => ({ ...CONVERSATION, ...about })),
    NOW,
  );
  expect(found.map(({ id }) => id)).toEqual(["conv_1", "conv_2", "conv_3"]);
});
