import type { Message } from "../conversation/state";
import type { TurnTimings } from "../realtime/own_events";
import { element } from "./dom";
import type { Words } from "./words";

/** Stages in the order of a turn; the session's clock runs through them. */
const STAGES = ["transcript_ms", "first_token_ms", "first_audio_ms", "sent_ms"] as const;

/** Where the time of one answer went: the server's figures, and what was measured here beside them. */
export function timingsView(message: Message, words: Words): HTMLElement | null {
  const { timings, measuredMs } = message;
  const summary = summaryText(timings, measuredMs, words);
  if (!summary) return null;
  const stages = timings ? stagesAfterSpeech(timings) : [];
  if (stages.length === 0) return element("p", { class: "timings" }, summary);
  const list = element("dl");
  for (const [stage, ms] of stages)
    list.append(element("dt", {}, words.stages[stage] ?? stage), element("dd", {}, `${ms} ms`));
  return element("details", { class: "timings" }, element("summary", {}, summary), list);
}

function summaryText(timings: TurnTimings | null, measuredMs: number | null, words: Words): string {
  const parts: string[] = [];
  if (typeof timings?.response_latency_ms === "number") {
    parts.push(`${Math.round(timings.response_latency_ms)} ms ${words.byServer}`);
  }
  if (measuredMs !== null) parts.push(`${Math.round(measuredMs)} ms ${words.byEar}`);
  return parts.length > 0 ? `${words.answeredIn} ${parts.join(" · ")}` : "";
}

/** Each known stage, in milliseconds from the end of the visitor's speech. */
export function stagesAfterSpeech(timings: TurnTimings): [string, number][] {
  const start = timings.speech_end_ms;
  if (typeof start !== "number") return [];
  return STAGES.flatMap((stage) => {
    const at = timings[stage];
    return typeof at === "number" ? [[stage, Math.round(at - start)] as [string, number]] : [];
  });
}
