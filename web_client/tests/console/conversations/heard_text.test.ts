import { expect, it } from "vitest";
import { piecesOf } from "../../../src/console/conversations/heard_text";

const item = { generated_text: "", synthesised_text: "", sent_text: "", heard_text: "" };

it("tells how far each part of a reply came", () => {
  expect(
    piecesOf({
      ...item,
      generated_text: "One two three four five",
      synthesised_text: "One two three four",
      sent_text: "One two three",
      heard_text: "One two",
    }),
  ).toEqual([
    { reach: "heard", text: "One two" },
    { reach: "sent", text: "three" },
    { reach: "synthesised", text: "four" },
    { reach: "generated", text: "five" },
  ]);
});

it("finds a gap in the middle", () => {
  expect(
    piecesOf({ ...item, generated_text: "One two three", sent_text: "One two three", heard_text: "One three" }),
  ).toEqual([
    { reach: "heard", text: "One" },
    { reach: "sent", text: "two" },
    { reach: "heard", text: "three" },
  ]);
});

it("takes a text of which only the heard one is known as heard", () => {
  expect(piecesOf({ ...item, heard_text: "All of it" })).toEqual([{ reach: "heard", text: "All of it" }]);
  expect(piecesOf(item)).toEqual([]);
});
