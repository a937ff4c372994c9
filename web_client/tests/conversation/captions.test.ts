import { describe, expect, it } from "vitest";
import { type Spoken, saidCharacters } from "../../src/conversation/captions";

const TEXT = "Thanks for asking about it.";
const spoken = (over: Partial<Spoken>): Spoken => ({
  text: TEXT,
  words: [],
  receivedMs: 2_000,
  playedMs: 0,
  audioDone: true,
  ...over,
});
const said = (over: Partial<Spoken>): string => TEXT.slice(0, saidCharacters(spoken(over)));

it("is nothing before the first sound and everything after the last", () => {
  expect(said({ playedMs: 0 })).toBe("");
  expect(said({ playedMs: 1_990 })).toBe(TEXT);
});

describe("with word times", () => {
  const words = ["Thanks", "for", "asking", "about", "it."].map((text, i) => ({
    text,
    start_ms: i * 400,
    end_ms: i * 400 + 350,
  }));

  it.each([
    [10, "Thanks"],
    [399, "Thanks"],
    [400, "Thanks for"],
    [1_250, "Thanks for asking about"],
  ])("at %i ms it is what has begun", (playedMs, expected) => {
    expect(said({ words, playedMs })).toBe(expected);
  });

  it("passes over a word that the transcript does not have", () => {
    const odd = [{ text: "um", start_ms: 0, end_ms: 10 }, ...words];
    expect(said({ words: odd, playedMs: 450 })).toBe("Thanks for");
  });
});

describe("without", () => {
  it("goes in proportion, by whole words", () => {
    expect(said({ playedMs: 1_000 })).toBe("Thanks for asking");
  });

  it("goes at the pace of speech while the text is ahead of the sound", () => {
    expect(said({ playedMs: 450, receivedMs: 500, audioDone: false })).toBe("Thanks for");
  });

  it("goes with the sound while the text comes along with it", () => {
    expect(said({ text: "Thanks for asking", playedMs: 1_000, receivedMs: 2_000, audioDone: false })).toBe(
      "Thanks for",
    );
  });

  it("never shrinks as playing goes on", () => {
    let before = 0;
    for (let playedMs = 0; playedMs <= 2_000; playedMs += 50) {
      const now = saidCharacters(spoken({ playedMs }));
      expect(now).toBeGreaterThanOrEqual(before);
      before = now;
    }
  });
});
