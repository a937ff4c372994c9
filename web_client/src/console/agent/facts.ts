import type { AgentFacts, AgentProfile, AgentQuestion } from "../api/types";

/** The API takes no more. */
export const MOST_QUESTIONS = 8;

export const NOBODY: AgentFacts = {
  name: "",
  company: "",
  greeting: "",
  about: "",
  rules: [],
  questions: [],
  qualifies: true,
  voice: null,
  speed: 1,
  eagerness: "auto",
  language: "en",
  transfer_number: null,
  numbers: [],
};

/** The fields, as people call them. */
export const FIELDS: Record<keyof AgentFacts, string> = {
  name: "name",
  company: "company",
  greeting: "first words",
  about: "what it knows",
  rules: "rules",
  questions: "questions",
  qualifies: "whether it qualifies",
  voice: "voice",
  speed: "speed",
  eagerness: "turn taking",
  language: "language",
  transfer_number: "number of a person",
  numbers: "its numbers",
};

const NAMES = Object.keys(FIELDS) as (keyof AgentFacts)[];

/** What of a profile a person writes. */
export const factsOf = (profile: AgentProfile): AgentFacts =>
  Object.fromEntries(NAMES.map((name) => [name, profile[name]])) as unknown as AgentFacts;

/** As the API takes it: without what is empty. */
export function asked(facts: AgentFacts): AgentFacts {
  return {
    ...facts,
    rules: facts.rules.map((rule) => rule.trim()).filter(Boolean),
    numbers: facts.numbers.map((number) => number.trim()).filter(Boolean),
    transfer_number: facts.transfer_number?.trim() || null,
    questions: facts.questions
      .filter(({ question }) => question.trim())
      .map((one) => ({ ...one, choices: one.choices.map((choice) => choice.trim()).filter(Boolean) })),
  };
}

/** In which fields two differ. */
export const changed = (one: AgentFacts, other: AgentFacts): (keyof AgentFacts)[] =>
  NAMES.filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]));

const SMALL = new Set(
  "a an and are at can do does for how in is it of on or should so that the this to us we what when where which who will would you your".split(
    " ",
  ),
);
const KEY_WORDS = 3;

/** What an answer is kept under, out of the question's own words; none that is taken. */
export function keyOf(question: string, taken: readonly string[]): string {
  const words = question.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const telling = words.filter((word) => !SMALL.has(word)).slice(0, KEY_WORDS);
  const plain = (telling.length ? telling : words.slice(0, KEY_WORDS)).join("_");
  const base = (/^[a-z]/.test(plain) ? plain : `answer_${plain}`).slice(0, 36).replace(/_+$/, "");
  let key = base;
  for (let number = 2; taken.includes(key); number++) key = `${base}_${number}`;
  return key;
}

/** The questions with one of them in another place. */
export function moved(questions: readonly AgentQuestion[], from: number, to: number): AgentQuestion[] {
  const one = questions[from];
  if (!one || to < 0 || to >= questions.length) return [...questions];
  return questions.toSpliced(from, 1).toSpliced(to, 0, one);
}

/** A name as pages and programs write it. */
export const slugOf = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
