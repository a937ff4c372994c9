import { expect, it } from "vitest";
import { clock, itemAt, startsOf, wave, wordAt } from "../../../../src/console/conversations/recording/moments";

const passage = (item_id: string, start_ms: number, end_ms: number) => ({
  item_id,
  start_ms,
  end_ms,
  word_ends: [] as [number, number][],
});
const outline = { passages: [passage("a", 1000, 2000), passage("b", 1800, 3000), passage("c", 5000, 6000)] };

it("finds who is heard, and of two who speak at once the one that began last", () => {
  expect(itemAt(outline, 900)).toBeNull();
  expect(itemAt(outline, 1500)?.item_id).toBe("a");
  expect(itemAt(outline, 1900)?.item_id).toBe("b");
  expect(itemAt(outline, 3100)?.item_id).toBe("b");
  expect(itemAt(outline, 4000)).toBeNull();
  expect(startsOf(outline).get("c")).toBe(5000);
});

it("finds the word that is heard", () => {
  const word_ends: [number, number][] = [
    [1300, 5],
    [1700, 9],
  ];
  expect(wordAt({ word_ends }, 1100)).toBe(0);
  expect(wordAt({ word_ends }, 1300)).toBe(1);
  expect(wordAt({ word_ends }, 1700)).toBeNull();
});

it("draws quiet speech so that it is seen, and silence as a line", () => {
  expect(wave([0, 255])).toBe("M0 1L0 1.00L1 0.00L2 1L1 2.00L0 1.00Z");
  expect(clock(61_900)).toBe("1:01");
});
