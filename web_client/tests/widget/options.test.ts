import { expect, it } from "vitest";
import { readOptions } from "../../src/widget/options";

const read = (attributes: Record<string, string>) =>
  readOptions((name) => attributes[name] ?? null, "https://from.example");

it("has sensible answers to everything", () => {
  expect(read({})).toEqual({
    server: "https://from.example",
    apiKey: null,
    tokenUrl: null,
    model: "sales-agent",
    bubble: true,
    heading: null,
    welcome: null,
    language: null,
    eagerness: null,
    agent: null,
    greet: true,
    showTimings: false,
  });
});

it("reads what the page says, and not what makes no sense", () => {
  expect(read({ mode: "inline", agent: "bikes", eagerness: "high", greet: "off", timings: "" })).toMatchObject({
    bubble: false,
    agent: "bikes",
    eagerness: "high",
    greet: false,
    showTimings: true,
  });
  expect(read({ eagerness: "wild", timings: "off" })).toMatchObject({ eagerness: null, showTimings: false });
});
