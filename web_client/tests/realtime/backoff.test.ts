import { describe, expect, it } from "vitest";
import { attemptsAllowed, backoffMs } from "../../src/realtime/backoff";
import { Failure } from "../../src/realtime/failure";

it("doubles up to its cap and spreads over the upper half", () => {
  expect([0, 1, 2, 3, 10].map((attempt) => backoffMs(attempt, 1))).toEqual([400, 800, 1_600, 3_200, 15_000]);
  expect([0, 1, 2, 3, 10].map((attempt) => backoffMs(attempt, 0))).toEqual([200, 400, 800, 1_600, 7_500]);
});

describe("attempts", () => {
  const failure = (kind: Failure["kind"]): Failure => new Failure(kind, "code", "…");

  it("never follow a wrong key", () => {
    expect(attemptsAllowed(failure("unauthorized"), true)).toBe(0);
    expect(attemptsAllowed(failure("unauthorized"), false)).toBe(0);
  });

  it("are many for a running conversation, few for a newcomer, none at a full server's door", () => {
    expect(attemptsAllowed(failure("unreachable"), true)).toBeGreaterThan(
      attemptsAllowed(failure("unreachable"), false),
    );
    expect(attemptsAllowed(failure("full"), true)).toBeGreaterThan(0);
    expect(attemptsAllowed(failure("full"), false)).toBe(0);
  });
});
