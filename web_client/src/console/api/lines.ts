import { ApiError, type Http } from "./http";

const LONGEST_MS = 30 * 60_000;

/** Sends a file and tells each line of the answer (JSON objects by lines) as it comes. Raises ApiError. */
export async function upload<T>(http: Http, path: string, file: File, tell: (event: T) => void): Promise<void> {
  const response = await http.open("POST", path, {
    raw: { body: file, type: "text/csv" },
    accept: "application/x-ndjson",
    timeoutMs: LONGEST_MS,
  });
  if (response.body === null) throw new ApiError(response.status, "invalid_answer", "The answer has no body.");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new ApiError(0, "line_broken", "The line broke; what was written until then stays.");
    });
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line) tell(JSON.parse(line) as T);
  }
}
