import { expect, it } from "vitest";
import { usd } from "../../../src/console/costs/usd";

it("shows fractions of a cent as what they are", () => {
  expect([0, 0.000006, 0.0123, 3.5].map(usd)).toEqual(["$0", "$0.000006", "$0.0123", "$3.50"]);
});
