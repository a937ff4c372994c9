import { useCallback, useState } from "react";
import { useLoad } from "../action";
import type { ApiError, Http } from "../api/http";
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
  const [found, setFound] = useState<{ of: string; check: Suppression } | null>(null);
  const wanted = number.trim();
  const { run, error } = useLoad(
    useCallback(
      async (isWanted: () => boolean) => {
        if (wanted.replace(/\D/g, "").length < FEWEST_DIGITS) return;
        const check = await http.get<Suppression>("/api/do-not-call/check", { number: wanted });
        if (isWanted()) setFound({ of: wanted, check });
      },
      [http, wanted],
    ),
    PAUSE_MS,
  );
  const check = found?.of === wanted ? found.check : null;
  return {
    permission: check && permissionOf(check, Date.now()),
    enough: check?.enough ?? [],
    entry: check?.entry ?? null,
    // While it is typed a number is no telephone number yet; that is no news.
    error: error?.code === "number_invalid" ? null : error,
    again: useCallback(() => void run(), [run]),
  };
}
