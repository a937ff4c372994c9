export type FailureKind =
  /** The key is wrong, expired or not for this origin: trying again is no use. */
  | "unauthorized"
  /** The server is at its limit, or this visitor is: worth trying later. */
  | "full"
  /** Another page or device took the conversation over. */
  | "elsewhere"
  /** Somebody at the server ended the conversation. */
  | "ended"
  /** The conversation to continue is not known; a new one can be started. */
  | "conversation_gone"
  /** The line broke or nobody answered: worth trying again at once. */
  | "unreachable"
  /** The server would not have it, for another reason. */
  | "refused";

/** Why there is no connection. `code` is the server's own, or ours for what never reached it. */
export class Failure extends Error {
  constructor(
    readonly kind: FailureKind,
    readonly code: string,
    message: string,
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
    this.name = "Failure";
  }
}

const KIND_BY_CODE: Record<string, FailureKind> = {
  invalid_api_key: "unauthorized",
  expired_api_key: "unauthorized",
  insufficient_permissions: "unauthorized",
  origin_not_allowed: "unauthorized",
  session_limit_reached: "full",
  server_busy: "full",
  rate_limit_exceeded: "full",
  too_many_failed_attempts: "unauthorized",
  conversation_continued_elsewhere: "elsewhere",
  conversation_ended: "ended",
  conversation_not_found: "conversation_gone",
};

/** The kind a server's error code stands for, or null when it does not end a connection. */
export const kindOfCode = (code: string): FailureKind | null => KIND_BY_CODE[code] ?? null;

/** Reads a refusal from an HTTP answer: `{"error":{"code","message"}}`, with `Retry-After` in seconds. */
export async function failureOfResponse(response: Response): Promise<Failure> {
  const body: unknown = await response.json().catch(() => null);
  const error = (body as { error?: { code?: string; message?: string } } | null)?.error;
  const code = error?.code ?? `http_${response.status}`;
  const seconds = Number(response.headers.get("retry-after"));
  const message = error?.message ?? `The server answered ${response.status}.`;
  return new Failure(
    kindOfCode(code) ?? kindOfStatus(response.status),
    code,
    message,
    seconds > 0 ? seconds * 1000 : null,
  );
}

function kindOfStatus(status: number): FailureKind {
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 429) return "full";
  return status >= 500 ? "unreachable" : "refused";
}
