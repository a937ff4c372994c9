import { type ReactElement, useCallback, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { ConflictRow, Contact, Page } from "../api/types";
import { Card, capital, Empty, Problem, shown, words } from "../parts";
import { usePolling } from "../polling";
import { ago } from "../times";

const EVERY_MS = 6_000;
const PAGE = 20;

const KINDS: Record<ConflictRow["kind"], string> = {
  both_changed: "Changed on both sides",
  cleared: "Emptied on one side",
  deleted: "Deleted on one side, changed on the other",
  refused: "The CRM does not take this value",
};

/** Contradictions, both values side by side; one press decides. */
export function ConflictsCard({ http }: { http: Http }): ReactElement {
  const [decided, setDecided] = useState<readonly string[]>([]);
  const { value, error } = usePolling(
    useCallback(() => http.get<Page<ConflictRow>>("/api/sync/conflicts", { state: "open", limit: PAGE }), [http]),
    EVERY_MS,
  );
  const open = value?.items.filter(({ id }) => !decided.includes(id)) ?? [];
  return (
    <Card title="Conflicts" aside={value?.next_cursor ? <small>The latest {PAGE}; more follow</small> : null}>
      <Problem error={error} />
      {value && open.length === 0 && (
        <Empty title="Both sides agree.">
          <p>When an e-mail address or a name is changed here and in the CRM at once, you decide here.</p>
        </Empty>
      )}
      {open.map((conflict) => (
        <Conflict
          key={conflict.id}
          http={http}
          conflict={conflict}
          onDecided={() => setDecided([...decided, conflict.id])}
        />
      ))}
    </Card>
  );
}

interface Props {
  http: Http;
  conflict: ConflictRow;
  onDecided: () => void;
}

function Conflict({ http, conflict, onDecided }: Props): ReactElement {
  const [own, setOwn] = useState<string | null>(null);
  const { value: contact } = usePolling(
    useCallback(() => http.get<Contact>(`/api/contacts/${conflict.contact_id}`), [http, conflict.contact_id]),
    60_000,
  );
  const decide = useAction(
    useCallback(
      async (choice: "local" | "remote" | "value", value?: string) => {
        await http.post(
          `/api/sync/conflicts/${conflict.id}/resolve`,
          value === undefined ? { choice } : { choice, value },
        );
        onDecided();
      },
      [http, conflict.id, onDecided],
    ),
  );
  const whose = contact ? [contact.first_name, contact.last_name, contact.company].filter(Boolean).join(" ") : "";
  return (
    <section className="conflict" aria-label={`Conflict about ${conflict.field}`}>
      <h3>
        {capital(conflict.field)} of {whose || contact?.email || "a contact"}{" "}
        <small>
          {KINDS[conflict.kind]} · {words(conflict.platform)}
        </small>
      </h3>
      <div className="sides">
        <Side
          name="Here"
          value={conflict.local_value}
          at={conflict.local_at}
          busy={decide.busy}
          holds={conflict.winner === "local"}
          onTake={() => void decide.run("local")}
        />
        <Side
          name={capital(conflict.platform)}
          value={conflict.remote_value}
          at={conflict.remote_at}
          busy={decide.busy}
          holds={conflict.winner === "remote"}
          onTake={() => void decide.run("remote")}
        />
      </div>
      {conflict.kind !== "deleted" && (
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            if (own?.trim()) void decide.run("value", own.trim());
          }}
        >
          <input
            aria-label="Another value"
            placeholder="Neither: the right value"
            value={own ?? ""}
            onChange={(event) => setOwn(event.target.value)}
          />
          <button type="submit" disabled={decide.busy || !own?.trim()}>
            Take this
          </button>
        </form>
      )}
      <Problem error={decide.error} />
    </section>
  );
}

interface SideProps {
  name: string;
  value: unknown;
  at: string | null;
  busy: boolean;
  /** Whether the contact has this value for now. */
  holds: boolean;
  onTake: () => void;
}

function Side({ name, value, at, busy, holds, onTake }: SideProps): ReactElement {
  return (
    <div className="side-value">
      <small>
        {name}
        {at ? `, ${ago(at, Date.now())}` : ""}
        {holds ? " · in use for now" : ""}
      </small>
      <p>{value === null || value === "" ? <i>empty</i> : shown(value)}</p>
      <button type="button" disabled={busy} onClick={onTake}>
        Take this
      </button>
    </div>
  );
}
