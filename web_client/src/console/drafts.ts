import { useState } from "react";

const PREFIX = "draft/";

/** What was written at a place of the console, and not kept yet. It outlasts another page and a reload, not the tab. */
export function draftOf<Draft>(place: string): Draft | null {
  const kept = sessionStorage.getItem(PREFIX + place);
  return kept === null ? null : (JSON.parse(kept) as Draft);
}

export function setDraft(place: string, draft: object | null): void {
  if (draft) sessionStorage.setItem(PREFIX + place, JSON.stringify(draft));
  else sessionStorage.removeItem(PREFIX + place);
}

/** Whoever uses the tab next starts with none. */
export function forgetDrafts(): void {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
}

export interface Written<Draft> {
  draft: Draft;
  change: (changes: Partial<Draft>) => void;
  /** It is kept, or dropped. */
  end: () => void;
  isWritten: boolean;
}

/** What a form has, with what was written in it before. */
export function useDraft<Draft extends object>(place: string, empty: Draft): Written<Draft> {
  const [written, setWritten] = useState(() => draftOf<Draft>(place));
  const draft = written ?? empty;
  const set = (next: Draft | null): void => {
    setDraft(place, next);
    setWritten(next);
  };
  return {
    draft,
    change: (changes) => set({ ...draft, ...changes }),
    end: () => set(null),
    isWritten: written !== null,
  };
}
