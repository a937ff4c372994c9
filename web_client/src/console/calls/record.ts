import { useCallback, useEffect, useState } from "react";
import { ApiError, type Http } from "../api/http";
import type { Suppression } from "../api/types";
import { type Permission, permissionOf } from "./permission";

export interface NumberRecord {
  /** Null while the number is not complete, or not looked up yet. */
  permission: Permission | null;
  error: ApiError | null;
  /** Looks it up again. */
  again: () => void;
}

const PAUSE_MS = 350;
const FEWEST_DIGITS = 7;

/** What is on record about a number, looked up when typing pauses. */
export function useRecord(http: Http, number: string): NumberRecord {
  const [asked, setAsked] = useState(0);
  const [found, setFound] = useState<{ of: string; permission: Permission | null; error: ApiError | null } | null>(
    null,
  );
  const wanted = number.trim();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` counts the wishes to look again
  useEffect(() => {
    if (wanted.replace(/\D/g, "").length < FEWEST_DIGITS) return;
    let isWanted = true;
    const timer = setTimeout(async () => {
      const answer = await lookUp(http, wanted).then(
        (permission) => ({ permission, error: null }),
        (reason) => ({ permission: null, error: ApiError.of(reason) }),
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
  return { permission: current?.permission ?? null, error, again: useCallback(() => setAsked((n) => n + 1), []) };
}

async function lookUp(http: Http, number: string): Promise<Permission> {
  return permissionOf(await http.get<Suppression>("/api/do-not-call/check", { number }), Date.now());
}
