/** What was written and not kept yet. It outlasts another page and a reload, not the tab. */
export interface Draft {
  title: string;
  text: string;
}

/** The topic that has no id yet. */
export const NEW = "new";

const PREFIX = "knowledge_draft_";
const place = (id: string): string => PREFIX + id;

export function draftOf(id: string): Draft | null {
  const kept = sessionStorage.getItem(place(id));
  return kept === null ? null : (JSON.parse(kept) as Draft);
}

export function setDraft(id: string, draft: Draft | null): void {
  if (draft) sessionStorage.setItem(place(id), JSON.stringify(draft));
  else sessionStorage.removeItem(place(id));
}

/** Whoever uses the tab next starts with none. */
export function forgetDrafts(): void {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
}
