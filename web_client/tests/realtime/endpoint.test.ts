import { expect, it } from "vitest";
import { doorUrl, socketUrl } from "../../src/realtime/endpoint";

it.each([
  ["http://127.0.0.1:8080", "/v1/realtime", null, "ws://127.0.0.1:8080/v1/realtime?model=sales-agent&channel=widget"],
  [
    "https://x.example",
    "/v1/realtime",
    "conv 1",
    "wss://x.example/v1/realtime?model=sales-agent&channel=widget&conversation=conv+1",
  ],
  ["https://x.example", "wss://y.example/rt?model=m", null, "wss://y.example/rt?model=m&channel=widget"],
])("%s and %s make an address", (server, path, conversation, expected) => {
  expect(socketUrl(server, path, conversation)).toBe(expected);
});

it("says which agent is to talk, unless the address does", () => {
  const to = (path: string) => socketUrl("https://x.example", path, null, "m", "bikes");
  expect(to("/v1/realtime")).toBe("wss://x.example/v1/realtime?model=m&channel=widget&agent=bikes");
  expect(to("/v1/realtime?agent=boats")).toContain("agent=boats&model=m");
});

it("knows the same door over plain HTTP", () => {
  expect(doorUrl("wss://x.example/v1/realtime")).toBe("https://x.example/v1/realtime");
  expect(doorUrl("ws://x.example/v1/realtime")).toBe("http://x.example/v1/realtime");
});
