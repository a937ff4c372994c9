import { type Credentials, DEFAULT_PATH } from "./endpoint";
import { Failure, failureOfResponse } from "./failure";

const TIMEOUT_MS = 8_000;

export interface KeySource {
  /** Origin of the server that holds the conversations. */
  server: string;
  /** A client secret that the page already has. */
  apiKey?: string | null;
  /** A door of the site's own backend that mints client secrets. */
  tokenUrl?: string | null;
}

/**
 * Gets a client secret, a fresh one for each connection unless the page gave one. Raises Failure.
 * The door answers `{"value":"ek_…","expires_at":…,"url"?:"/v1/realtime"}`.
 */
export async function fetchCredentials(
  source: KeySource,
  conversationId: string | null,
  fetcher: typeof fetch = fetch,
): Promise<Credentials> {
  if (source.apiKey) return { value: source.apiKey, url: DEFAULT_PATH };
  const door = source.tokenUrl ?? new URL("/api/widget/session", source.server).href;
  const response = await fetcher(door, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(conversationId ? { conversation_id: conversationId } : {}),
    credentials: source.tokenUrl ? "same-origin" : "omit",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => {
    throw new Failure("unreachable", "no_answer", "The server did not answer.");
  });
  if (!response.ok) throw await failureOfResponse(response);
  const body = (await response.json().catch(() => null)) as Partial<Credentials> | null;
  if (!body?.value) throw new Failure("refused", "no_client_secret", "The server gave no key.");
  return { value: body.value, url: body.url ?? DEFAULT_PATH };
}

/** Asks the realtime door, over plain HTTP, why a WebSocket would not open; null when it does not say. */
export async function askWhyRefused(door: string, key: string, fetcher: typeof fetch = fetch): Promise<Failure | null> {
  try {
    const response = await fetcher(door, {
      headers: { Authorization: `Bearer ${key}` },
      credentials: "omit",
      signal: AbortSignal.timeout(3_000),
    });
    // 400 and 426 only say that this was no upgrade.
    if (response.ok || response.status === 400 || response.status === 426) return null;
    return await failureOfResponse(response);
  } catch {
    return null;
  }
}
