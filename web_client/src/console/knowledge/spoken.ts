/** How many words a minute the agent says; English at an easy pace. */
const WORDS_A_MINUTE = 150;

/** From here on callers stop listening. */
export const LONG_S = 30;

export function wordsIn(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}

/** How long a text takes to be said. */
export function spokenS(text: string): number {
  return Math.round((wordsIn(text) * 60) / WORDS_A_MINUTE);
}
