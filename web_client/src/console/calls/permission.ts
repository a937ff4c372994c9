import type { ConsentKind, Suppression } from "../api/types";
import { moment } from "../times";

export interface Permission {
  /** `unasked`: a consent on record would make it permitted. */
  kind: "given" | "unasked" | "suppressed";
  text: string;
}

export const CONSENT_NAMES: Record<ConsentKind, string> = {
  express_written: "In writing",
  express: "By word of mouth",
  existing_relationship: "Existing relationship",
  none: "Refused or taken back",
};

/** Whether a number may be called, by what is on record; `now` in milliseconds of the epoch. */
export function permissionOf({ suppressed, entry, consent }: Suppression, now: number): Permission {
  if (suppressed) {
    return { kind: "suppressed", text: entry?.reason ?? "" };
  }
  if (!consent) return { kind: "unasked", text: "Nobody has recorded that this person agreed to be called." };
  if (consent.kind === "none") return { kind: "unasked", text: `Consent was refused or taken back: ${consent.source}` };
  const until = consent.valid_until;
  if (until && Date.parse(until) <= now) return { kind: "unasked", text: `The consent ended on ${moment(until)}.` };
  const ends = until ? `, until ${moment(until)}` : "";
  return { kind: "given", text: `Agreed: ${CONSENT_NAMES[consent.kind].toLowerCase()}${ends}. ${consent.source}` };
}
