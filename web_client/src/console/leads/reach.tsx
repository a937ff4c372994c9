import type { ReactElement } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { LeadRecord } from "../api/types";
import { movable, ReachedAt } from "../reached_at";

interface Props {
  http: Http;
  lead: LeadRecord;
  onChange: (lead: LeadRecord) => void;
}

/** A lead's other addresses and numbers, and numbers that callers gave for it, to be accepted or thrown away. */
export function Reach({ http, lead, onChange }: Props): ReactElement {
  const place = `/api/leads/${encodeURIComponent(lead.id)}`;
  const change = useAction(async (method: string, path: string, body?: Partial<LeadRecord>, onChanged?: () => void) => {
    onChange(await http.send<LeadRecord>(method, `${place}${path}`, body ? { body } : {}));
    onChanged?.();
  });
  const edit = (body: Partial<LeadRecord>, onChanged?: () => void): void =>
    void change.run("PATCH", "", body, onChanged);
  const claim = (number: string): string => `/claimed-phones/${encodeURIComponent(number)}`;
  const isFurther = (number: string): boolean => !lead.claimed_phones.includes(number);
  const others = [...lead.further_emails, ...lead.further_phones.filter(isFurther)];
  return (
    <ReachedAt
      ways={[
        ...others.map((value) => ({
          value,
          acts: movable(
            value,
            () => edit(first(lead, value)),
            () => edit(without(lead, value)),
          ),
        })),
        ...lead.claimed_phones.map((value) => ({
          value,
          note: "a caller gave it",
          acts: {
            Accept: { label: `Accept ${value}`, run: () => void change.run("POST", claim(value)) },
            "Throw away": { label: `Throw ${value} away`, run: () => void change.run("DELETE", claim(value)) },
          },
        })),
      ]}
      disabled={change.busy}
      error={change.error}
      onAdd={(value, onAdded) =>
        edit(
          value.includes("@")
            ? { further_emails: [...lead.further_emails, value] }
            : { further_phones: [...lead.further_phones, value] },
          onAdded,
        )
      }
    />
  );
}

const without = (lead: LeadRecord, value: string): Partial<LeadRecord> =>
  value.includes("@")
    ? { further_emails: lead.further_emails.filter((other) => other !== value) }
    : { further_phones: lead.further_phones.filter((other) => other !== value) };

/** It changes places with the one that was. */
const first = (lead: LeadRecord, value: string): Partial<LeadRecord> => {
  const others = without(lead, value);
  const beside = (rest: readonly string[] = [], before: string | null): string[] =>
    before ? [...rest, before] : [...rest];
  return value.includes("@")
    ? { contact_email: value, further_emails: beside(others.further_emails, lead.contact_email) }
    : { contact_phone: value, further_phones: beside(others.further_phones, lead.contact_phone) };
};
