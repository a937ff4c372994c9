import { useEffect, useState } from "react";

/** The pages, by what belongs together; the first group needs no name. */
export const GROUPS = [
  { name: "", pages: ["overview"] },
  { name: "Talking", pages: ["conversations", "calls", "meetings", "do_not_call", "consents"] },
  { name: "People", pages: ["leads", "customers", "contacts", "erasures"] },
  { name: "Outreach", pages: ["campaigns", "call_lists", "research", "refine"] },
  { name: "Agent", pages: ["profile", "knowledge", "agents"] },
  { name: "Server", pages: ["sync", "latency", "costs", "keys", "webhooks"] },
] as const;
export type PageName = (typeof GROUPS)[number]["pages"][number];

const PAGES: readonly PageName[] = GROUPS.flatMap(({ pages }) => pages);

/** A place in the console: `#/leads/<id>`, `#/conversations/<id>/<item>`. */
export interface Route {
  page: PageName;
  id: string | null;
  /** What of it is meant. */
  part: string | null;
}

export function readRoute(hash: string): Route {
  const [, page, id, part] = /^#\/([a-z_]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(hash) ?? [];
  const known = PAGES.find((name) => name === page);
  if (!known) return { page: "overview", id: null, part: null };
  return { page: known, id: decoded(id), part: decoded(part) };
}

/** Addresses are also typed by hand: what cannot be decoded is meant as it stands. */
function decoded(text: string | undefined): string | null {
  try {
    return text ? decodeURIComponent(text) : null;
  } catch {
    return text ?? null;
  }
}

export function linkTo(page: PageName, ...place: string[]): string {
  return `#/${[page, ...place.map(encodeURIComponent)].join("/")}`;
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
