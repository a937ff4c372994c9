import { subProtocols } from "../../realtime/endpoint";
import { connection, GATEWAY } from "../connection";

const PASSING: readonly number[] = [408, 425, 429];

/** A refusal: the server's code and words, or `no_answer`. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** After how long it may be answered otherwise; null: not by waiting, or nobody knows. */
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** Asks again at once, where it is asked again by itself anyway. */
  again: (() => void) | null = null;

  /** Whether the same request may be answered later. */
  get mayPass(): boolean {
    return this.status === 0 || this.status >= 500 || PASSING.includes(this.status) || this.code === "invalid_answer";
  }

  /** As it is told of what is asked again by itself. */
  retried(again: () => void): ApiError {
    const error = new ApiError(this.status, this.code, this.message, this.retryAfterS);
    if (this.mayPass) error.again = again;
    return error;
  }

  /** Whatever was thrown, as a refusal. */
  static of(reason: unknown): ApiError {
    return reason instanceof ApiError ? reason : new ApiError(0, "unexpected", String(reason));
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface Options {
  query?: Query;
  body?: unknown;
  /** Sent as it is, such as a file. */
  raw?: { body: BodyInit; type: string };
  accept?: string;
  /** Statuses whose body is an answer although they are no success. */
  alsoFine?: number[];
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Sent although the page goes away. */
  keepalive?: boolean;
}

const TIMEOUT_MS = 10_000;
const UPLOAD_TIMEOUT_MS = 10 * 60_000;

/** The way to the server's REST doors. Every call raises ApiError. `onRefused` hears of a key that opens nothing. */
export class Http {
  constructor(
    private readonly key: string | null,
    private readonly onRefused: (error: ApiError) => void = () => {},
  ) {}

  get hasKey(): boolean {
    return this.key !== null;
  }

  /** A WebSocket to one of the server's doors: a page cannot set its headers, so the key goes as a sub-protocol. */
  socket(path: string): WebSocket {
    const url = new URL(path, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    return new WebSocket(url, subProtocols(this.key ?? ""));
  }

  get<T>(path: string, query?: Query, alsoFine: number[] = []): Promise<T> {
    return this.send<T>("GET", path, { alsoFine, ...(query ? { query } : {}) });
  }

  post<T>(path: string, body: unknown = {}, timeoutMs = TIMEOUT_MS): Promise<T> {
    return this.send<T>("POST", path, { body, timeoutMs });
  }

  async send<T>(method: string, path: string, options: Options = {}): Promise<T> {
    const response = await this.open(method, path, options);
    if (response.status === 204) return undefined as T;
    const body = (await response.json().catch(() => null)) as T | null;
    if (body !== null) return body;
    throw new ApiError(response.status, "invalid_answer", "The server's answer cannot be read.");
  }

  /** Sends a file, telling how much of it is sent, from 0 to 1. `fetch` does not tell. */
  upload<T>(path: string, query: Query, file: File, onSent: (part: number) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", path + written(query));
      if (this.key) request.setRequestHeader("Authorization", `Bearer ${this.key}`);
      request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
      request.timeout = UPLOAD_TIMEOUT_MS;
      request.upload.onprogress = ({ loaded, total }) => onSent(total ? loaded / total : 0);
      const unanswered = (): void => {
        connection.unheard();
        reject(noAnswer());
      };
      request.onerror = unanswered;
      request.ontimeout = unanswered;
      request.onload = () => {
        const body = parsed(request.responseText);
        if (request.status < 300 && body) resolve(body as T);
        else reject(this.refusal(request.status, body));
      };
      request.send(file);
    });
  }

  /** The answer with its body unread, for streams. */
  async open(method: string, path: string, options: Options = {}): Promise<Response> {
    const { query, body, raw, alsoFine = [], accept, timeoutMs = TIMEOUT_MS, signal, keepalive = false } = options;
    const headers: Record<string, string> = this.key ? { Authorization: `Bearer ${this.key}` } : {};
    if (accept) headers.Accept = accept;
    if (raw) headers["Content-Type"] = raw.type;
    else if (body !== undefined) headers["Content-Type"] = "application/json";
    const init: RequestInit = { method, headers, keepalive, signal: signal ?? AbortSignal.timeout(timeoutMs) };
    if (raw) init.body = raw.body;
    else if (body !== undefined) init.body = JSON.stringify(body);
    const response = await fetch(path + written(query), init).catch(() => {
      if (!signal?.aborted) connection.unheard();
      throw noAnswer();
    });
    if (!GATEWAY.includes(response.status)) connection.heard();
    if (response.ok || alsoFine.includes(response.status)) return response;
    const refused = (await response.json().catch(() => null)) as Refusal;
    throw this.refusal(response.status, refused, response.headers.get("Retry-After"));
  }

  private refusal(status: number, answer: Refusal, retryAfter: string | null = null): ApiError {
    if (!answer && GATEWAY.includes(status)) {
      connection.unheard();
      return noAnswer(status);
    }
    const { code = `http_${status}`, message = `The server answered ${status}.` } = answer?.error ?? {};
    const seconds = Number(retryAfter ?? Number.NaN);
    const error = new ApiError(status, code, message, Number.isFinite(seconds) ? seconds : null);
    if (status === 401) this.onRefused(error);
    return error;
  }
}

const noAnswer = (status = 0): ApiError => new ApiError(status, "no_answer", "The server does not answer.");

type Refusal = { error?: { code?: string; message?: string } } | null;

function parsed(text: string): Refusal {
  try {
    return JSON.parse(text) as Refusal;
  } catch {
    return null;
  }
}

function written(query: Query | undefined): string {
  const given = Object.entries(query ?? {}).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
}
