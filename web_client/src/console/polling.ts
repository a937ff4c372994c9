import { useEffect, useState } from "react";
import { ApiError } from "./api/http";

export interface Polled<T> {
  value: T | null;
  error: ApiError | null;
}

const MAX_SLOWDOWN = 8;

/** Asks again and again while the page is seen, slower after errors. The last answer stays until the next. */
export function usePolling<T>(ask: () => Promise<T>, everyMs: number): Polled<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(
    () =>
      poll(ask, everyMs, (answer, failure) => {
        if (!failure) setValue(answer);
        setError(failure);
      }),
    [ask, everyMs],
  );
  return { value, error };
}

/** Returns the end of the asking. */
function poll<T>(
  ask: () => Promise<T>,
  everyMs: number,
  tell: (answer: T | null, error: ApiError | null) => void,
): () => void {
  let stopped = false;
  let running = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    clearTimeout(timer);
    let error: ApiError | null = null;
    let answer: T | null = null;
    try {
      answer = await ask();
    } catch (reason) {
      error = reason instanceof ApiError ? reason : new ApiError(0, "unexpected", String(reason));
    }
    running = false;
    if (stopped) return;
    tell(answer, error);
    failures = error ? failures + 1 : 0;
    if (!document.hidden) timer = setTimeout(run, everyMs * Math.min(MAX_SLOWDOWN, 2 ** failures));
  };
  const seen = (): void => {
    if (!document.hidden) void run();
  };
  document.addEventListener("visibilitychange", seen);
  void run();
  return () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", seen);
  };
}
