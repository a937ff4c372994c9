import { useEffect, useState } from "react";

export const PAGES = ["overview", "conversations", "leads", "agents", "sync", "costs"] as const;
export type PageName = (typeof PAGES)[number];

/** A place in the console: `#/leads/<id>`. */
export interface Route {
  page: PageName;
  id: string | null;
}

export function readRoute(hash: string): Route {
  const [, page, id] = /^#\/([a-z]+)(?:\/([^/]+))?$/.exec(hash) ?? [];
  const known = PAGES.find((name) => name === page) ?? "overview";
  return { page: known, id: known === page && id ? decodeURIComponent(id) : null };
}

export function linkTo(page: PageName, id?: string): string {
  return id === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(id)}`;
}

export function useRoute(): Route {
  const [hash, setHash] = useState(() => location.hash);
  useEffect(() => {
    const changed = (): void => setHash(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return readRoute(hash);
}
