import { ApiError, type Http } from "./http";

const LONGEST_MS = 30 * 60_000;

/** Sends a file and tells the lines of the answer (JSON objects) as they come. Raises ApiError. */
export async function upload<T>(
  http: Http,
  path: string,
  file: File,
  tell: (events: T[]) => void,
  stopped: AbortSignal,
): Promise<void> {
  const broken = (): never => {
    if (stopped.aborted) throw new ApiError(0, "stopped", "Stopped; what was written until then stays.");
    throw new ApiError(0, "line_broken", "The line broke; what was written until then stays.");
  };
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(LONGEST_MS)]);
  const raw = { body: file, type: "text/csv" };
  const response = await http.open("POST", path, { raw, accept: "application/x-ndjson", signal }).catch((reason) => {
    if (stopped.aborted) broken();
    throw reason;
  });
  if (response.body === null) throw new ApiError(response.status, "invalid_answer", "The answer has no body.");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read().catch(broken);
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    tell(lines.filter(Boolean).map((line) => JSON.parse(line) as T));
  }
}
