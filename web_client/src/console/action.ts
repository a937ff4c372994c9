import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "./api/http";
import { connection } from "./connection";

export interface Action<A extends unknown[]> {
  run: (...args: A) => Promise<void>;
  busy: boolean;
  error: ApiError | null;
  /** Takes the refusal away, when it is about something that is no more. */
  forget: () => void;
}

/** Something a person does: one at a time, with its refusal kept until the next. */
export function useAction<A extends unknown[]>(act: (...args: A) => Promise<unknown>): Action<A> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run = useCallback(
    async (...args: A): Promise<void> => {
      setBusy(true);
      setError(null);
      try {
        await act(...args);
      } catch (reason) {
        setError(ApiError.of(reason));
      } finally {
        setBusy(false);
      }
    },
    [act],
  );
  return { run, busy, error, forget: useCallback(() => setError(null), []) };
}

const AGAIN_MS = 2_000;
const MOST_DOUBLED = 3;

export interface Load {
  run: () => Promise<void>;
  error: ApiError | null;
}

/** Something a page begins with: loaded at once, or after a pause in milliseconds, when it is asked for, and again by
 * itself where it failed in a way that may pass. `load` is to be stable; it hears whether its answer is still wanted. */
export function useLoad(load: (isWanted: () => boolean) => Promise<unknown>, pauseMs = 0): Load {
  const [error, setError] = useState<ApiError | null>(null);
  const failures = useRef(0);
  const newest = useRef<object | null>(null);
  const run = useCallback(async (): Promise<void> => {
    const mine = {};
    newest.current = mine;
    const isWanted = (): boolean => newest.current === mine;
    try {
      await load(isWanted);
      if (!isWanted()) return;
      failures.current = 0;
      setError(null);
    } catch (reason) {
      if (!isWanted()) return;
      failures.current++;
      setError(ApiError.of(reason).retried(() => void run()));
    }
  }, [load]);
  useEffect(() => {
    setError(null);
    const timer = pauseMs > 0 ? setTimeout(run, pauseMs) : undefined;
    if (timer === undefined) void run();
    return () => {
      clearTimeout(timer);
      newest.current = null;
    };
  }, [run, pauseMs]);
  useEffect(() => {
    if (!error?.again) return;
    const again = (): void => {
      if (!connection.isLost()) void run();
    };
    const timer = setTimeout(again, AGAIN_MS * 2 ** Math.min(MOST_DOUBLED, failures.current - 1));
    const unsubscribe = connection.subscribe(again);
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [error, run]);
  return { run, error };
}
