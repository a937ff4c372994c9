import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "./api/http";

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

const MAX_SLOWDOWN = 8;

/** Asks again and again while the page is seen, slower after errors. The last answer stays until the next. */
export function usePolling<T>(ask: () => Promise<T>, everyMs: number): Polled<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const poll = useRef<Poll | null>(null);
  useEffect(() => {
    const current = polling(ask, everyMs, (answer, failure) => {
      if (!failure) setValue(answer);
      setError(failure);
    });
    poll.current = current;
    return current.stop;
  }, [ask, everyMs]);
  return { value, error, again: useCallback(() => poll.current?.again(), []) };
}

/** One question at a time: what is asked for during an answer is asked after it. */
export function polling<T>(
  ask: () => Promise<T>,
  everyMs: number,
  tell: (answer: T | null, error: ApiError | null) => void,
): Poll {
  let stopped = false;
  let running = false;
  let wanted = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    wanted = false;
    clearTimeout(timer);
    let error: ApiError | null = null;
    let answer: T | null = null;
    try {
      answer = await ask();
    } catch (reason) {
      error = ApiError.of(reason);
    }
    running = false;
    if (stopped) return;
    tell(answer, error);
    failures = error ? failures + 1 : 0;
    if (wanted) void run();
    else if (!document.hidden) timer = setTimeout(run, everyMs * Math.min(MAX_SLOWDOWN, 2 ** failures));
  };
  const seen = (): void => {
    if (!document.hidden) void run();
  };
  document.addEventListener("visibilitychange", seen);
  void run();
  return {
    again: () => {
      wanted = running;
      void run();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
