import { expect, it } from "vitest";
import { EventParser, type ServerEvent } from "../../../src/console/api/events";

function parsed(...pieces: string[]): ServerEvent[] {
  const events: ServerEvent[] = [];
  const parser = new EventParser((event) => events.push(event));
  for (const piece of pieces) parser.feed(piece);
  return events;
}

it("puts events together that come in pieces", () => {
  const whole =
    'retry: 1000\n\n: nothing new\n\nid: s:1\nevent: token\ndata: {"text":"Hi"}\n\nevent: done\ndata: {"a":1}\n\n';
  const expected = [
    { kind: "token", data: { text: "Hi" } },
    { kind: "done", data: { a: 1 } },
  ];
  expect(parsed(whole)).toEqual(expected);
  expect(parsed(...whole)).toEqual(expected);
  expect(parsed(...whole.replaceAll("\n", "\r\n"))).toEqual(expected);
});

it("keeps data that is no JSON, and joins lines", () => {
  expect(parsed("data: one\ndata: two\n\n")).toEqual([{ kind: "message", data: { value: "one\ntwo" } }]);
});
