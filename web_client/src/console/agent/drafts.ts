import type { AgentFacts } from "../api/types";

/** What was written of an agent and not saved yet. It outlasts another page and a reload, not the tab. */
export interface Draft {
  facts: AgentFacts;
  /** The one it began with. */
  version: number;
}

const PREFIX = "agent_draft_";

export function draftOf(slug: string): Draft | null {
  const kept = sessionStorage.getItem(PREFIX + slug);
  return kept === null ? null : (JSON.parse(kept) as Draft);
}

export function setDraft(slug: string, draft: Draft | null): void {
  if (draft) sessionStorage.setItem(PREFIX + slug, JSON.stringify(draft));
  else sessionStorage.removeItem(PREFIX + slug);
}

/** Whoever uses the tab next starts with none. */
export function forgetAgents(): void {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
}
