import { englishWords, type Words } from "../words";
import { dutchWords } from "./dutch";
import { frenchWords } from "./french";
import { germanWords } from "./german";
import { italianWords } from "./italian";
import { portugueseWords } from "./portuguese";
import { spanishWords } from "./spanish";

const WORDS: Readonly<Record<string, Words>> = {
  de: germanWords,
  es: spanishWords,
  fr: frenchWords,
  it: italianWords,
  nl: dutchWords,
  pt: portugueseWords,
};

/** What the widget shows in a language, by its BCP 47 tag; in English where there are no words of it. */
export const wordsIn = (tag: string | null | undefined): Words =>
  WORDS[tag?.toLowerCase().split("-")[0] ?? ""] ?? englishWords;
