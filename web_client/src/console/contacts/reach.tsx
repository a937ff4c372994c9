import type { ReactElement } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { Contact } from "../api/types";
import { movable, ReachedAt } from "../reached_at";

interface Props {
  http: Http;
  contact: Contact;
  onChange: (contact: Contact) => void;
}

/** A contact's other addresses and numbers. */
export function Reach({ http, contact, onChange }: Props): ReactElement {
  const { emails, phones } = contact;
  const place = `/api/contacts/${encodeURIComponent(contact.id)}`;
  const change = useAction(async (body: Partial<Contact>, onChanged?: () => void) => {
    onChange(await http.send<Contact>("PATCH", place, { body }));
    onChanged?.();
  });
  const without = (value: string): Partial<Contact> =>
    value.includes("@")
      ? { emails: emails.filter(({ email }) => email !== value) }
      : { phones: phones.filter(({ phone }) => phone !== value) };
  const others = [
    ...emails.slice(1).map(({ email, type }) => ({ value: email, note: type, first: { email } })),
    ...phones.slice(1).map(({ phone, type }) => ({ value: phone, note: type, first: { phone } })),
  ];
  return (
    <ReachedAt
      ways={others.map(({ value, note, first }) => ({
        value,
        note,
        acts: movable(
          value,
          () => void change.run(first),
          () => void change.run(without(value)),
        ),
      }))}
      disabled={change.busy || Boolean(contact.deleted_at)}
      error={change.error}
      onAdd={(value, onAdded) =>
        void change.run(
          value.includes("@")
            ? { emails: [...emails, { email: value, type: null }] }
            : { phones: [...phones, { phone: value, type: null }] },
          onAdded,
        )
      }
    />
  );
}
