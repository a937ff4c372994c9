import { expect, it } from "vitest";
import type { ConversationOutcome } from "../../../src/console/api/types";
import { telling } from "../../../src/console/conversations/outcomes";

function outcome(kind: ConversationOutcome["kind"], data: Record<string, unknown>, at: string): ConversationOutcome {
  return { kind, data, created_at: `2026-01-12T09:00:${at}Z` };
}

it("what was noted twice is told once, and what is new is told", () => {
  const first = outcome("lead_update", { name: "Ann Lee", team_size: 12 }, "01");
  const more = outcome("lead_update", { name: "Ann Lee", team_size: 15 }, "03");
  const meeting = outcome("meeting", { name: "Ann Lee", team_size: 12 }, "04");
  expect(telling([first, outcome("lead_update", { team_size: 12, name: "Ann Lee" }, "02"), more, meeting])).toEqual([
    first,
    more,
    meeting,
  ]);
});
