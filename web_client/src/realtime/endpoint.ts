/** Where and as whom to connect: what `POST /api/widget/session` returns, or an attribute gave. */
export interface Credentials {
  /** A client secret, `ek_…`. */
  value: string;
  /** The realtime door: a path on the server, or a whole address. */
  url: string;
}

export const DEFAULT_PATH = "/v1/realtime";
export const DEFAULT_MODEL = "sales-agent";

/** WebSocket address of the realtime door; http becomes ws. Throws TypeError for an address that is none. */
export function socketUrl(
  server: string,
  path: string,
  conversationId: string | null,
  model = DEFAULT_MODEL,
  agent: string | null = null,
): string {
  const url = new URL(path, server);
  url.protocol = url.protocol.replace("http", "ws");
  if (!url.searchParams.has("model")) url.searchParams.set("model", model);
  if (!url.searchParams.has("channel")) url.searchParams.set("channel", "widget");
  if (agent && !url.searchParams.has("agent")) url.searchParams.set("agent", agent);
  if (conversationId) url.searchParams.set("conversation", conversationId);
  return url.href;
}

/** The same door over plain HTTP, for asking why it did not open. */
export const doorUrl = (socket: string): string => socket.replace(/^ws/, "http");

/** A page cannot set headers on a WebSocket, so the key travels as a sub-protocol; the server selects `realtime`. */
export const subProtocols = (key: string): string[] => ["realtime", `openai-insecure-api-key.${key}`];
