export interface ComponentState {
  status: "ok" | "degraded" | "down";
  detail?: string | null;
}

/** `unavailable`: the server takes no conversations now. */
export interface Health {
  status: "ok" | "degraded" | "unavailable";
  version: string;
  draining: boolean;
  conversations: { active: number; limit: number };
  components: Record<string, ComponentState>;
}

export interface ConversationSummary {
  id: string;
  channel: string;
  status: "open" | "closed" | "dropped";
  created_at: string;
  ended_at: string | null;
}

/** A reply has four texts; of the caller's words there is `heard_text` alone. Calls of tools have none. */
export interface ConversationItem {
  id: string;
  type: "message" | "function_call" | "function_call_output";
  role: "system" | "user" | "assistant" | null;
  generated_text: string;
  synthesised_text: string;
  sent_text: string;
  heard_text: string;
  name: string | null;
  arguments: string | null;
  output: string | null;
  intent: string | null;
}

export interface Turn {
  item_id: string;
  response_latency_ms: number | null;
}

export interface Conversation extends ConversationSummary {
  items: ConversationItem[];
  turns: Turn[];
}

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

/** A refusal: the server's code and words, or `no_answer`. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

const TIMEOUT_MS = 10_000;

/** The server's REST doors as the console needs them. Every call raises ApiError. */
export class Api {
  constructor(private readonly key: string | null) {}

  health(): Promise<Health> {
    // A server that is not ready says so with 503, and with the same body.
    return this.get<Health>("/api/health", [503]);
  }

  conversations(limit: number, cursor?: string): Promise<Page<ConversationSummary>> {
    const query = new URLSearchParams({ limit: String(limit), ...(cursor ? { cursor } : {}) });
    return this.get(`/api/conversations?${query}`);
  }

  conversation(id: string): Promise<Conversation> {
    return this.get(`/api/conversations/${encodeURIComponent(id)}`);
  }

  private async get<T>(path: string, alsoFine: number[] = []): Promise<T> {
    const headers: Record<string, string> = this.key ? { Authorization: `Bearer ${this.key}` } : {};
    const response = await fetch(path, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => {
      throw new ApiError(0, "no_answer", "The server does not answer.");
    });
    const body = (await response.json().catch(() => null)) as
      | (T & { error?: { code?: string; message?: string } })
      | null;
    if (body !== null && (response.ok || alsoFine.includes(response.status))) return body;
    const { code = `http_${response.status}`, message = `The server answered ${response.status}.` } = body?.error ?? {};
    throw new ApiError(response.status, code, message);
  }
}
