import type { CallList, CallListStatus, EntryResult } from "../api/types";
import { codeName } from "../calls/names";
import { audienceTold } from "../campaigns/names";
import { type Tone, words } from "../parts";

export const STATUS_NAMES: Record<CallListStatus, string> = {
  draft: "Not started",
  running: "Calling",
  paused: "Paused",
  stopped: "Stopped",
  finished: "Done",
};

export const STATUS_TONES: Record<CallListStatus, Tone> = {
  draft: "off",
  running: "ok",
  paused: "degraded",
  stopped: "down",
  finished: "ok",
};

/** What came of people, the best first. */
export const RESULTS: readonly EntryResult[] = [
  "booked",
  "call_back",
  "reached",
  "not_interested",
  "voicemail",
  "no_answer",
  "not_reached",
  "refused",
  "do_not_call",
];

export const RESULT_NAMES: Record<EntryResult, string> = {
  booked: "Booked a meeting",
  call_back: "Wants a call back",
  reached: "Reached",
  not_interested: "Not interested",
  voicemail: "Voicemail",
  no_answer: "No answer",
  not_reached: "Not reached",
  refused: "Not permitted",
  do_not_call: "Do not call",
};

const REASONS: Record<string, string> = {
  no_phone: "without a telephone number",
  no_consent: "without consent",
  do_not_call: "on the do-not-call list",
  opted_out: "opted out",
  not_interested: "not interested",
  same_number: "with a number that is in it already",
  erased: "erased",
  merged: "the same person as another",
  time_zone_unknown: "in an unknown time zone",
  no_hours: "with no hour in common",
  fax: "a fax",
  canceled: "called off",
};

/** Why somebody is left out, or was not reached. */
export const reasonName = (reason: string): string => REASONS[reason] ?? codeName(reason);

/** `3 without consent · 1 opted out`; empty without any. */
export const reasonsTold = (reasons: Readonly<Record<string, number>>): string =>
  Object.entries(reasons)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${count.toLocaleString()} ${reasonName(reason)}`)
    .join(" · ");

export const whomTold = ({ audience }: CallList): string =>
  audience ? audienceTold(audience) : "leads that were named";

/** How it calls, in a line. */
export function termsTold({ per_hour, at_once, attempts, retry_after_minutes, hours }: CallList): string {
  const tries = attempts === 1 ? "Once each" : `Up to ${attempts} times each, ${apart(retry_after_minutes)} apart`;
  const pace = per_hour === null ? "" : `, ${per_hour.toLocaleString()} an hour`;
  return `${tries}, ${at_once} at once${pace}, ${hours ?? "whenever people may be called"} by their clock.`;
}

const apart = (minutes: number): string => (minutes % 60 ? `${minutes} min` : `${minutes / 60} h`);

/** Why it is paused. */
export function pauseTold(reason: string | null): string {
  if (reason === null || reason === "person") return "Paused by a person.";
  if (reason === "agent_deleted") return "The agent it calls in the name of was deleted: choose another, then go on.";
  return `The carrier refuses every call (${words(reason)}): look after its key, then go on.`;
}
