import { useCallback, useState } from "react";
import { ApiError } from "./api/http";

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
