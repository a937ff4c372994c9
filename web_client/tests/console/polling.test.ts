// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { polling } from "../../src/console/polling";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

it("never asks while an answer is awaited, and asks once after it if it was wanted meanwhile", async () => {
  const answers: ((answer: number) => void)[] = [];
  const told: (number | null)[] = [];
  const ask = (): Promise<number> => new Promise((resolve) => answers.push(resolve));
  const poll = polling(ask, 1000, (answer) => told.push(answer));
  poll.again();
  poll.again();
  await vi.advanceTimersByTimeAsync(5000);
  expect(answers).toHaveLength(1);
  answers[0]?.(1);
  await settled();
  expect(answers).toHaveLength(2);
  answers[1]?.(2);
  await settled();
  await vi.advanceTimersByTimeAsync(999);
  expect(answers).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(answers).toHaveLength(3);
  expect(told).toEqual([1, 2]);
  poll.stop();
});

it("asks ever more slowly after errors, and tells nothing once stopped", async () => {
  const told: unknown[] = [];
  const ask = vi.fn(() => Promise.reject(new Error("away")));
  const poll = polling(ask, 1000, (_, error) => told.push(error?.message));
  await settled();
  await vi.advanceTimersByTimeAsync(2000);
  await vi.advanceTimersByTimeAsync(4000);
  expect(ask).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(7999);
  expect(ask).toHaveBeenCalledTimes(3);
  poll.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ask).toHaveBeenCalledTimes(3);
  expect(told).toEqual(["Error: away", "Error: away", "Error: away"]);
});

it("keeps a pace that depends on what was answered, until it ends or is asked for at once", async () => {
  const ask = vi.fn(async () => (ask.mock.calls.length < 4 ? "reading" : "ready"));
  const poll = polling(
    ask,
    (answer, asked) => (answer === "ready" ? null : 100 * (asked + 1)),
    () => {},
  );
  await settled();
  await vi.advanceTimersByTimeAsync(100);
  await vi.advanceTimersByTimeAsync(199);
  expect(ask).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(1 + 300);
  expect(ask).toHaveBeenCalledTimes(4);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ask).toHaveBeenCalledTimes(4);
  poll.again();
  await settled();
  expect(ask).toHaveBeenCalledTimes(5);
  poll.stop();
});
