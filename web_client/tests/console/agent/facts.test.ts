import { expect, it } from "vitest";
import { asked, changed, keyOf, moved, NOBODY, slugOf } from "../../../src/console/agent/facts";

const question = (key: string) => ({ key, question: `${key}?`, choices: [] });

it("keeps an answer under the question's own words, and none under a name that is taken", () => {
  expect(keyOf("Which day suits you for delivery?", [])).toBe("day_suits_delivery");
  expect(keyOf("Which day suits you for delivery?", ["day_suits_delivery"])).toBe("day_suits_delivery_2");
  expect(keyOf("What is it?", [])).toBe("what_is_it");
  expect(keyOf("3 or more?", [])).toBe("answer_3_more");
});

it("moves a question among the others, and none beyond their ends", () => {
  const keys = (from: number, to: number) => moved(["a", "b", "c"].map(question), from, to).map(({ key }) => key);
  expect([keys(0, 1), keys(2, 0), keys(0, -1), keys(2, 3)].map((order) => order.join(""))).toEqual([
    "bac",
    "cab",
    "abc",
    "abc",
  ]);
});

it("asks for what was written, without what is empty", () => {
  const facts = {
    ...NOBODY,
    rules: [" Never. ", ""],
    numbers: [""],
    transfer_number: " ",
    questions: [question("a"), { key: "b", question: " ", choices: [] }, { ...question("c"), choices: [" x", ""] }],
  };
  const sent = asked(facts);
  expect(sent.rules).toEqual(["Never."]);
  expect([sent.numbers, sent.transfer_number]).toEqual([[], null]);
  expect(sent.questions.map(({ key, choices }) => [key, choices])).toEqual([
    ["a", []],
    ["c", ["x"]],
  ]);
});

it("says in what two differ, and what a name is in an address", () => {
  expect(changed({ ...NOBODY, name: "Zoë", rules: ["x"] }, NOBODY)).toEqual(["name", "rules"]);
  expect(slugOf(" Zoë & Co. ")).toBe("zoe-co");
});
