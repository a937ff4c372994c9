import type { ConsentKind, Suppression } from "../api/types";
import { moment } from "../times";

export interface Permission {
  /** `unasked`: a consent on record would make it permitted · `suppressed`: on the list · `unwanted`: not itself on it. */
  kind: "given" | "unasked" | "suppressed" | "unwanted";
  text: string;
  /** What was agreed before somebody wanted no more calls. */
  before?: string;
}

export const CONSENT_NAMES: Record<ConsentKind, string> = {
  express_written: "In writing",
  express: "By word of mouth",
  existing_relationship: "Existing relationship",
  none: "Refused or taken back",
};

/** Whether a number may be called, by what is on record; `now` in milliseconds of the epoch. */
export function permissionOf(check: Suppression, now: number): Permission {
  const { suppressed, unwanted, entry, consent, enough } = check;
  if (suppressed || unwanted) {
    const before = consent && consent.kind !== "none" ? `Had agreed ${agreement(consent)}. ${consent.source}` : "";
    if (!suppressed) return { kind: "unwanted", text: "Whoever it belongs to wants no calls at any number.", before };
    return { kind: "suppressed", text: entry ? `${entry.reason} Since ${moment(entry.created_at)}.` : "", before };
  }
  if (!consent) return { kind: "unasked", text: "Nobody has recorded that this person agreed to be called." };
  if (consent.kind === "none") return { kind: "unasked", text: `Consent was refused or taken back: ${consent.source}` };
  if (!enough.includes(consent.kind)) {
    const kinds = enough.map((kind) => CONSENT_NAMES[kind].toLowerCase()).join(" or ");
    const how = CONSENT_NAMES[consent.kind].toLowerCase();
    return { kind: "unasked", text: `On record: ${how}. Here it takes a consent that is ${kinds}. ${consent.source}` };
  }
  const until = consent.valid_until;
  if (until && Date.parse(until) <= now) return { kind: "unasked", text: `The consent ended on ${moment(until)}.` };
  const ends = until ? `, until ${moment(until)}` : "";
  return { kind: "given", text: `Agreed ${agreement(consent)}${ends}. ${consent.source}` };
}

const agreement = ({ kind, given_at }: NonNullable<Suppression["consent"]>): string =>
  `${AGREED[kind]} on ${moment(given_at)}`;

const AGREED: Record<ConsentKind, string> = {
  express_written: "in writing",
  express: "by word of mouth",
  existing_relationship: "by an existing relationship",
  none: "",
};

/** The names the law has for them, and what it asks of each (47 CFR 64.1200 of the United States). */
export const CONSENT_LAW: Record<ConsentKind, string> = {
  express_written:
    "Prior express written consent: a signed agreement, also on a web form, that names the number and clearly allows " +
    "advertising calls to it with an artificial voice. It is what a call to sell takes.",
  express:
    "Prior express consent: they gave the number for being called, or said yes. It allows calls that do not sell.",
  existing_relationship:
    "Established business relationship: they bought within 18 months, or asked within 3. It ends, and is not enough " +
    "for an artificial voice that sells.",
  none: "Consent that was refused or revoked. It counts at once, however it was said.",
};
