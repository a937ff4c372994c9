import { expect, it } from "vitest";
import type { ConversationOutcome } from "../../../src/console/api/types";
import { factName, factShown, telling } from "../../../src/console/conversations/outcomes";

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

it("names what was noted as a person calls it", () => {
  expect([factName("start"), factName("authority"), factName("call_back_at")]).toEqual([
    "When",
    "Who decides",
    "Call back at",
  ]);
  expect(factShown("authority", "shared")).toBe("together with others");
  expect(factShown("outcome", "meeting_booked")).toBe("meeting booked");
  expect(factShown("notes", "key_value stays")).toBe("key_value stays");
  expect(factShown("team_size", 25)).toBe("25");
});
