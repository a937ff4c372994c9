import { type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { Contact } from "../api/types";
import { Field } from "../field";
import { Card, Problem } from "../parts";

interface Props {
  http: Http;
  contact: Contact;
  onChange: (contact: Contact) => void;
}

/** A contact's other addresses and numbers: which comes first, which goes, and one more. */
export function Reach({ http, contact, onChange }: Props): ReactElement {
  const [more, setMore] = useState("");
  const place = `/api/contacts/${encodeURIComponent(contact.id)}`;
  const change = useAction(async (body: Partial<Contact>) => {
    onChange(await http.send<Contact>("PATCH", place, { body }));
    setMore("");
  });
  const disabled = change.busy || Boolean(contact.deleted_at);
  const add = (): void => {
    const value = more.trim();
    void change.run(
      value.includes("@")
        ? { emails: [...contact.emails, { email: value, type: null }] }
        : { phones: [...contact.phones, { phone: value, type: null }] },
    );
  };
  return (
    <Card title="Also reached at">
      {contact.emails.slice(1).map(({ email, type }) => (
        <Other
          key={email}
          value={email}
          type={type}
          disabled={disabled}
          onFirst={() => void change.run({ email })}
          onTakeOff={() => void change.run({ emails: contact.emails.filter((other) => other.email !== email) })}
        />
      ))}
      {contact.phones.slice(1).map(({ phone, type }) => (
        <Other
          key={phone}
          value={phone}
          type={type}
          disabled={disabled}
          onFirst={() => void change.run({ phone })}
          onTakeOff={() => void change.run({ phones: contact.phones.filter((other) => other.phone !== phone) })}
        />
      ))}
      <div className="form">
        <Field label="Another e-mail or phone" value={more} disabled={disabled} onChange={setMore} />
        <div className="buttons">
          <button type="button" disabled={disabled || !more.trim()} onClick={add}>
            Add it
          </button>
        </div>
      </div>
      <Problem error={change.error} />
    </Card>
  );
}

interface OtherProps {
  value: string;
  type: string | null;
  disabled: boolean;
  onFirst: () => void;
  onTakeOff: () => void;
}

function Other({ value, type, disabled, onFirst, onTakeOff }: OtherProps): ReactElement {
  return (
    <div className="buttons">
      <span>
        {value} {type && <small>{type}</small>}
      </span>
      <button type="button" disabled={disabled} aria-label={`Put ${value} first`} onClick={onFirst}>
        Put first
      </button>
      <button type="button" disabled={disabled} aria-label={`Take ${value} off`} onClick={onTakeOff}>
        Take off
      </button>
    </div>
  );
}
