import { expect, it } from "vitest";
import type { Campaign } from "../../../src/console/api/types";
import { toRead } from "../../../src/console/campaigns/to_read";

const campaign = (id: string, status: Campaign["status"], drafted: number): Campaign =>
  ({ id, name: `Campaign ${id}`, status, messages: { drafted } }) as Campaign;

it("tells what waits to be approved, of campaigns that are written", () => {
  const campaigns = [
    campaign("a", "ready", 15),
    campaign("b", "paused", 1),
    campaign("c", "generating", 3),
    campaign("d", "cancelled", 4),
    campaign("e", "ready", 0),
  ];
  expect(toRead(campaigns)).toEqual([
    { id: "a", text: "15 messages of “Campaign a” to approve" },
    { id: "b", text: "1 message of “Campaign b” to approve" },
  ]);
});
