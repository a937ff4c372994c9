import { useCallback, useState } from "react";
import { ApiError } from "./api/http";
import type { Page } from "./api/types";
import { usePolling } from "./polling";

export interface Paged<T> {
  /** Null before the first answer. */
  rows: readonly T[] | null;
  error: ApiError | null;
  /** Whether the server has more. */
  more: boolean;
  busy: boolean;
  /** Asks for the next page. */
  grow: () => void;
  /** Asks for the first page at once, after something was changed. */
  again: () => void;
  /** A row that is no more. */
  gone: (key: string) => void;
}

interface Known<T> {
  of: unknown;
  rows: T[];
  next: string | null;
}

/** A list by pages: the first is asked for again and again, the others once each. `keyOf` and `ask` are to be stable. */
export function usePages<T>(
  ask: (cursor: string | null) => Promise<Page<T>>,
  keyOf: (row: T) => string,
  everyMs: number,
): Paged<T> {
  const [known, setKnown] = useState<Known<T> | null>(null);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<ApiError | null>(null);
  const first = usePolling(
    useCallback(async () => {
      const page = await ask(null);
      setKnown((old) => ({ of: ask, ...withNewest(old?.of === ask ? old : null, page, keyOf) }));
    }, [ask, keyOf]),
    everyMs,
  );
  const current = known?.of === ask ? known : null;
  const next = current?.next ?? null;
  const grow = useCallback(async () => {
    if (next === null) return;
    setBusy(true);
    try {
      const page = await ask(next);
      setKnown((old) => (old?.of === ask ? { of: ask, ...withOlder(old, page, keyOf) } : old));
      setRefusal(null);
    } catch (reason) {
      setRefusal(ApiError.of(reason));
    } finally {
      setBusy(false);
    }
  }, [ask, keyOf, next]);
  const gone = useCallback(
    (key: string) => setKnown((old) => old && { ...old, rows: old.rows.filter((row) => keyOf(row) !== key) }),
    [keyOf],
  );
  return {
    rows: current?.rows ?? null,
    error: first.error ?? refusal,
    more: next !== null,
    busy,
    grow: useCallback(() => void grow(), [grow]),
    again: first.again,
    gone,
  };
}

type Rows<T> = Omit<Known<T>, "of">;

/** What is known after the first page was asked for again: its rows as they are now, before those of older pages. */
export function withNewest<T>(known: Rows<T> | null, page: Page<T>, keyOf: (row: T) => string): Rows<T> {
  if (!known || !page.next_cursor) return { rows: page.items, next: page.next_cursor ?? null };
  const newest = new Set(page.items.map(keyOf));
  return { rows: [...page.items, ...known.rows.filter((row) => !newest.has(keyOf(row)))], next: known.next };
}

/** What is known after the next page. */
export function withOlder<T>(known: Rows<T>, page: Page<T>, keyOf: (row: T) => string): Rows<T> {
  const before = new Set(known.rows.map(keyOf));
  const older = page.items.filter((row) => !before.has(keyOf(row)));
  return { rows: [...known.rows, ...older], next: page.next_cursor ?? null };
}
