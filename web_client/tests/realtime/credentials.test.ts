import { describe, expect, it, vi } from "vitest";
import { askWhyRefused, fetchCredentials } from "../../src/realtime/credentials";

const SERVER = "https://sales.example";

function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  return vi.fn<typeof fetch>(async () => new Response(JSON.stringify(body), { status, headers }));
}

describe("a key", () => {
  it("that the page gave is taken as it is", async () => {
    const fetcher = answering(500, {});
    expect(await fetchCredentials({ server: SERVER, apiKey: "ek_own" }, null, fetcher)).toEqual({
      value: "ek_own",
      url: "/v1/realtime",
    });
    expect(fetcher).not.toHaveBeenCalled();
  });

  it("comes from the server's widget door, for the conversation to continue", async () => {
    const fetcher = answering(200, { value: "ek_1", expires_at: 1, url: "/other" });
    expect(await fetchCredentials({ server: SERVER }, "conv_1", fetcher)).toMatchObject({
      value: "ek_1",
      url: "/other",
    });
    const [door, init] = fetcher.mock.calls[0] ?? [];
    expect(door).toBe(`${SERVER}/api/widget/session`);
    expect(init).toMatchObject({ method: "POST", body: '{"conversation_id":"conv_1"}', credentials: "omit" });
  });

  it("comes from the site's own door where one is named, with the site's cookies", async () => {
    const fetcher = answering(200, { value: "ek_2" });
    const credentials = await fetchCredentials({ server: SERVER, tokenUrl: "/token" }, null, fetcher);
    expect(credentials).toEqual({ value: "ek_2", url: "/v1/realtime" });
    expect(fetcher.mock.calls[0]?.[0]).toBe("/token");
    expect(fetcher.mock.calls[0]?.[1]).toMatchObject({ credentials: "same-origin" });
  });
});

describe("a refusal", () => {
  const error = (code: string) => ({ error: { code, message: "Said so.", type: "invalid_request_error" } });

  it.each([
    [503, error("session_limit_reached"), "full", "session_limit_reached"],
    [429, error("rate_limit_exceeded"), "full", "rate_limit_exceeded"],
    [403, error("origin_not_allowed"), "unauthorized", "origin_not_allowed"],
    [401, {}, "unauthorized", "http_401"],
    [502, {}, "unreachable", "http_502"],
    [404, {}, "refused", "http_404"],
    [200, {}, "refused", "no_client_secret"],
  ])("of %i is understood", async (status, body, kind, code) => {
    const attempt = fetchCredentials({ server: SERVER }, null, answering(status, body));
    await expect(attempt).rejects.toMatchObject({ kind, code });
  });

  it("names the wait in milliseconds", async () => {
    const fetcher = answering(503, error("session_limit_reached"), { "retry-after": "7" });
    await expect(fetchCredentials({ server: SERVER }, null, fetcher)).rejects.toMatchObject({ retryAfterMs: 7_000 });
  });

  it("by nobody is unreachable", async () => {
    const fetcher = vi.fn<typeof fetch>().mockRejectedValue(new TypeError("failed to fetch"));
    await expect(fetchCredentials({ server: SERVER }, null, fetcher)).rejects.toMatchObject({ kind: "unreachable" });
  });
});

describe("asking why a socket did not open", () => {
  it("tells a wrong key from a door that only wants an upgrade", async () => {
    const refusal = { error: { code: "invalid_api_key", message: "No." } };
    expect(await askWhyRefused("https://x/v1/realtime", "ek", answering(401, refusal))).toMatchObject({
      kind: "unauthorized",
    });
    expect(await askWhyRefused("https://x/v1/realtime", "ek", answering(426, {}))).toBeNull();
    expect(await askWhyRefused("https://x/v1/realtime", "ek", answering(400, {}))).toBeNull();
  });

  it("knows nothing when there is no answer", async () => {
    const fetcher = vi.fn<typeof fetch>().mockRejectedValue(new TypeError("cors"));
    expect(await askWhyRefused("https://x/v1/realtime", "ek", fetcher)).toBeNull();
  });
});
