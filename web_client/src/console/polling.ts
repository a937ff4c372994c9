import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "./api/http";
import { connection } from "./connection";

export interface Polled<T> {
  value: T | null;
  error: ApiError | null;
  /** Asks at once, after something was changed. */
  again: () => void;
}

interface Poll {
  again: () => void;
  stop: () => void;
}

/** How long to wait after an answer, the `asked`-th since it began or was asked for at once; null: no longer. */
export type Pace<T> = (answer: T, asked: number) => number | null;

const MAX_SLOWDOWN = 8;
const AFTER_FAILURE_MS = 2000;

/** Asks again and again while the page is seen, slower after errors, and not while the server is known to be away. The
 * last answer stays until the next. `every`: milliseconds, or a pace that is to be stable. */
export function usePolling<T>(ask: () => Promise<T>, every: number | Pace<T>): Polled<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const poll = useRef<Poll | null>(null);
  useEffect(() => {
    const current = polling(ask, every, (answer, failure) => {
      if (!failure) setValue(answer);
      setError(failure?.retried(current.again) ?? null);
    });
    poll.current = current;
    return current.stop;
  }, [ask, every]);
  return { value, error, again: useCallback(() => poll.current?.again(), []) };
}

/** One question at a time: what is asked for during an answer is asked after it. */
export function polling<T>(
  ask: () => Promise<T>,
  every: number | Pace<T>,
  tell: (answer: T | null, error: ApiError | null) => void,
): Poll {
  let stopped = false;
  let running = false;
  let wanted = false;
  let failures = 0;
  let asked = 0;
  let late = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    wanted = false;
    late = false;
    clearTimeout(timer);
    let error: ApiError | null = null;
    let answer: T | null = null;
    let next: number | null = typeof every === "number" ? every : AFTER_FAILURE_MS;
    try {
      answer = await ask();
      if (typeof every !== "number") next = every(answer, asked++);
    } catch (reason) {
      error = ApiError.of(reason);
    }
    running = false;
    if (stopped) return;
    tell(answer, error);
    failures = error ? failures + 1 : 0;
    if (wanted) void run();
    else if (!document.hidden && next !== null) timer = setTimeout(due, next * Math.min(MAX_SLOWDOWN, 2 ** failures));
  };
  const due = (): void => {
    late = connection.isLost();
    if (!late) void run();
  };
  const seen = (): void => {
    if (!document.hidden) void run();
  };
  document.addEventListener("visibilitychange", seen);
  const unsubscribe = connection.subscribe(() => {
    if (!connection.isLost() && (failures > 0 || late)) void run();
  });
  void run();
  return {
    again: () => {
      asked = 0;
      wanted = running;
      void run();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
      unsubscribe();
    },
  };
}
