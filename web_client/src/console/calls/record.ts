import { useCallback, useEffect, useState } from "react";
import { ApiError, type Http } from "../api/http";
import type { ConsentKind, SuppressedNumber, Suppression } from "../api/types";
import { type Permission, permissionOf } from "./permission";

export interface NumberRecord {
  /** Null while the number is not complete, or not looked up yet. */
  permission: Permission | null;
  /** The kinds of consent with which anybody is called; empty before the first answer. */
  enough: readonly ConsentKind[];
  /** On the do-not-call list. */
  entry: SuppressedNumber | null;
  error: ApiError | null;
  /** Looks it up again. */
  again: () => void;
}

const PAUSE_MS = 350;
const FEWEST_DIGITS = 7;

/** What is on record about a number, looked up when typing pauses. */
export function useRecord(http: Http, number: string): NumberRecord {
  const [asked, setAsked] = useState(0);
  const [found, setFound] = useState<Found | null>(null);
  const wanted = number.trim();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` counts the wishes to look again
  useEffect(() => {
    if (wanted.replace(/\D/g, "").length < FEWEST_DIGITS) return;
    let isWanted = true;
    const timer = setTimeout(async () => {
      const answer = await lookUp(http, wanted).then(
        (check) => ({ check, error: null }),
        (reason) => ({ check: null, error: ApiError.of(reason) }),
      );
      if (isWanted) setFound({ of: wanted, ...answer });
    }, PAUSE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [http, wanted, asked]);
  const current = found?.of === wanted ? found : null;
  // While it is typed a number is no telephone number yet; that is no news.
  const error = current?.error?.code === "number_invalid" ? null : (current?.error ?? null);
  const check = current?.check ?? null;
  return {
    permission: check && permissionOf(check, Date.now()),
    enough: check?.enough ?? [],
    entry: check?.entry ?? null,
    error,
    again: useCallback(() => setAsked((n) => n + 1), []),
  };
}

interface Found {
  of: string;
  check: Suppression | null;
  error: ApiError | null;
}

const lookUp = (http: Http, number: string): Promise<Suppression> =>
  http.get<Suppression>("/api/do-not-call/check", { number });
