import { type FormEvent, type ReactElement, useCallback, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { ConflictKind, ConflictRow, Contact } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { Ago } from "../moment";
import { capital, Problem, shown } from "../parts";
import { usePolling } from "../polling";
import { PLATFORMS } from "./names";

const CONTACT_EVERY_MS = 10 * 60_000;

export const KINDS: Record<ConflictKind, string> = {
  both_changed: "Changed on both sides",
  cleared: "Emptied on one side",
  deleted: "Deleted on one side, changed on the other",
  refused: "The CRM does not take this value",
};

type Choice = "local" | "remote" | "value";

interface Props {
  http: Http;
  conflict: ConflictRow;
  onDecided: () => void;
}

/** One contradiction. Taking a side that deletes the contact is asked again. */
export function Conflict({ http, conflict, onDecided }: Props): ReactElement {
  const { value: contact } = usePolling(
    useCallback(() => http.get<Contact>(`/api/contacts/${conflict.contact_id}`), [http, conflict.contact_id]),
    CONTACT_EVERY_MS,
  );
  const decide = useAction(
    useCallback(
      async (choice: Choice, value?: string) => {
        await http.post(`/api/sync/conflicts/${conflict.id}/resolve`, { choice, value });
        onDecided();
      },
      [http, conflict.id, onDecided],
    ),
  );
  const whose = contact ? [nameOf(contact), contact.company].filter(Boolean).join(", ") : "";
  const side = (choice: "local" | "remote"): ReactElement => (
    <Side
      name={choice === "local" ? "Here" : PLATFORMS[conflict.platform]}
      value={conflict[`${choice}_value`]}
      at={conflict[`${choice}_at`]}
      holds={conflict.winner === choice}
      deletes={conflict.kind === "deleted" && isEmpty(conflict[`${choice}_value`])}
      busy={decide.busy}
      onTake={() => void decide.run(choice)}
    />
  );
  return (
    <section className="conflict" aria-label={`Conflict about ${conflict.field}`}>
      <h3>
        {capital(conflict.field)} of {whose || contact?.email || "a contact"}{" "}
        <small>
          {KINDS[conflict.kind]} · {PLATFORMS[conflict.platform]} · <Ago moment={conflict.created_at} />
        </small>
      </h3>
      <div className="sides">
        {side("local")}
        {side("remote")}
      </div>
      {conflict.kind !== "deleted" && (
        <OwnValue busy={decide.busy} onTake={(value) => void decide.run("value", value)} />
      )}
      <Problem error={decide.error} />
    </section>
  );
}

const nameOf = ({ first_name, last_name }: Contact): string => [first_name, last_name].filter(Boolean).join(" ");

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === "";

interface SideProps {
  name: string;
  value: unknown;
  at: string | null;
  /** Whether the contact has this value for now. */
  holds: boolean;
  /** Whether taking it deletes the contact. */
  deletes: boolean;
  busy: boolean;
  onTake: () => void;
}

function Side({ name, value, at, holds, deletes, busy, onTake }: SideProps): ReactElement {
  return (
    <div className="side-value">
      <p>
        <small>
          {name}
          {at && (
            <>
              , <Ago moment={at} />
            </>
          )}
          {holds && " · in use for now"}
        </small>
        <span>{isEmpty(value) ? <i>{deletes ? "deleted" : "empty"}</i> : shown(value)}</span>
      </p>
      {deletes ? (
        <ConfirmButton
          question="The contact is then deleted on both sides."
          yes="Delete it"
          disabled={busy}
          onConfirm={onTake}
        >
          Take this
        </ConfirmButton>
      ) : (
        <button type="button" disabled={busy} onClick={onTake}>
          Take this
        </button>
      )}
    </div>
  );
}

function OwnValue({ busy, onTake }: { busy: boolean; onTake: (value: string) => void }): ReactElement {
  const [value, setValue] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (value.trim()) onTake(value.trim());
  };
  return (
    <details>
      <summary>Neither is right</summary>
      <form className="row" onSubmit={submit}>
        <input
          aria-label="Another value"
          placeholder="What is right instead"
          value={value}
          onChange={(event) => setValue(event.target.value)}
        />
        <button type="submit" disabled={busy || !value.trim()}>
          Take this
        </button>
      </form>
    </details>
  );
}
