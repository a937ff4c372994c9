import { englishWords, type Words } from "../words";
import { frenchWords } from "./french";
import { germanWords } from "./german";
import { spanishWords } from "./spanish";

const WORDS: Readonly<Record<string, Words>> = { de: germanWords, es: spanishWords, fr: frenchWords };

/** What the widget shows in a language, by its BCP 47 tag; in English where there are no words of it. */
export const wordsIn = (tag: string | null | undefined): Words =>
  WORDS[tag?.toLowerCase().split("-")[0] ?? ""] ?? englishWords;
