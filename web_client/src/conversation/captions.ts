import type { SpokenWord } from "../realtime/own_events";

/** Brisk speech, for a reply whose length is not known yet. */
const MS_PER_CHARACTER = 55;
/** The last reported position may lie this far before the end of a reply that was played out. */
const END_SLACK_MS = 20;

export interface Spoken {
  text: string;
  words: readonly SpokenWord[];
  receivedMs: number;
  playedMs: number;
  audioDone: boolean;
}

/**
 * Characters of the transcript said so far, at a word's end: by word times where the server gave them, else in
 * proportion to the audio.
 */
export function saidCharacters({ text, words, receivedMs, playedMs, audioDone }: Spoken): number {
  if (playedMs <= 0) return 0;
  if (audioDone && playedMs >= receivedMs - END_SLACK_MS) return text.length;
  if (words.length > 0) return lastWordEnd(text, words, playedMs);
  const share = (text.length * playedMs) / Math.max(receivedMs, playedMs);
  // While more is to come, the text may be ahead of the sound: then the pace of speech is the better guide.
  return nextSpace(text, Math.floor(audioDone ? share : Math.min(share, playedMs / MS_PER_CHARACTER)));
}

/** Each word is looked for behind the one before; one that is not in the transcript is passed over. */
function lastWordEnd(text: string, words: readonly SpokenWord[], playedMs: number): number {
  let end = 0;
  for (const word of words) {
    if (word.start_ms > playedMs) break;
    const bare = word.text.trim();
    const at = text.indexOf(bare, end);
    if (at >= 0) end = at + bare.length;
  }
  return end;
}

function nextSpace(text: string, from: number): number {
  const space = text.indexOf(" ", from);
  return space < 0 || from >= text.length ? text.length : space;
}
