import { ApiError } from "../api/http";
import type { CallOutcome, CallStatus, PhoneCall } from "../api/types";
import { type Tone, words } from "../parts";
import { moment } from "../times";

export const STATUS_NAMES: Record<CallStatus, string> = {
  queued: "Waits for a line",
  dialling: "Dialling",
  ringing: "Ringing",
  in_progress: "Talking",
  unknown: "Not known yet",
  completed: "Answered",
  voicemail: "Voicemail",
  busy: "Busy",
  no_answer: "No answer",
  failed: "Failed",
  canceled: "Called off",
  refused: "Not permitted",
};

export const STATUS_TONES: Record<CallStatus, Tone> = {
  queued: "off",
  dialling: "off",
  ringing: "off",
  in_progress: "ok",
  unknown: "degraded",
  completed: "ok",
  voicemail: "off",
  busy: "off",
  no_answer: "off",
  failed: "down",
  canceled: "off",
  refused: "degraded",
};

const UNDER_WAY: readonly CallStatus[] = ["queued", "dialling", "ringing", "in_progress", "unknown"];

export const isUnderWay = ({ status }: Pick<PhoneCall, "status">): boolean => UNDER_WAY.includes(status);

/** What becomes of calls, the best first. */
export const OUTCOMES: readonly CallOutcome[] = [
  "answered",
  "voicemail",
  "unanswered",
  "refused",
  "failed",
  "under_way",
];

export const OUTCOME_NAMES: Record<CallOutcome, string> = {
  answered: "Answered",
  voicemail: "Voicemail",
  unanswered: "Busy or no answer",
  refused: "Not permitted",
  failed: "Failed",
  under_way: "Under way",
};

const CODES: Record<string, string> = {
  no_consent: "nobody agreed to be called",
  do_not_call: "on the do-not-call list",
  outside_calling_hours: "outside calling hours",
  too_many_attempts: "called too often today",
  already_in_call: "in a call already",
  lines_busy: "all lines busy",
  number_invalid: "no telephone number",
  server_stopping: "the server stopped",
};

/** Why a call was refused or failed, in words. */
export const codeName = (code: string): string => CODES[code] ?? words(code);

/** Codes of calls that may go out when they are asked for again, with nothing changed. */
export const MAY_TRY_AGAIN: ReadonlySet<string> = new Set([
  "already_in_call",
  "lines_busy",
  "server_stopping",
  "carrier_unreachable",
]);

/** So soon it is not worth telling when. */
const SOON_S = 60;

/** A refusal to call as a person reads it; `now` in milliseconds of the epoch. */
export function callName(error: ApiError, now = Date.now()): ApiError {
  const name = CODES[error.code];
  if (!name) return error;
  const { status, code, retryAfterS } = error;
  const at = retryAfterS !== null && retryAfterS > SOON_S ? new Date(now + 1000 * retryAfterS).toISOString() : null;
  return new ApiError(
    status,
    code,
    `Not called: ${name}.${at ? ` Permitted from ${moment(at)} by your clock.` : ""}`,
    retryAfterS,
  );
}
