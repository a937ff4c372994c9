import { ApiError, type Http } from "./http";

export interface ServerEvent {
  kind: string;
  data: Record<string, unknown>;
}

const LONGEST_MS = 10 * 60_000;

/** Asks for a stream of server-sent events and tells each as it comes. Raises ApiError. */
export async function stream(
  http: Http,
  path: string,
  body: unknown,
  tell: (event: ServerEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  await told(http, "POST", path, { body }, tell, signal);
}

/** Listens to what goes on already. Raises ApiError. */
export function listen(
  http: Http,
  path: string,
  tell: (event: ServerEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  return told(http, "GET", path, {}, tell, signal);
}

async function told(
  http: Http,
  method: string,
  path: string,
  options: { body?: unknown },
  tell: (event: ServerEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await http.open(method, path, {
    ...options,
    signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]),
  });
  if (response.body === null) throw new ApiError(response.status, "invalid_answer", "The answer has no body.");
  const parser = new EventParser(tell);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.feed(value);
  }
}

/** The lines of an event stream, put together. Comments and fields that are not used are left out. */
export class EventParser {
  private rest = "";
  private kind = "message";
  private data: string[] = [];

  constructor(private readonly tell: (event: ServerEvent) => void) {}

  feed(text: string): void {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.line(line);
  }

  private line(line: string): void {
    if (line === "") {
      if (this.data.length) this.tell({ kind: this.kind, data: parsed(this.data.join("\n")) });
      this.kind = "message";
      this.data = [];
      return;
    }
    const [, name, value] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (name === "event") this.kind = value ?? "";
    else if (name === "data") this.data.push(value ?? "");
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : { value };
  } catch {
    return { value: text };
  }
}
