import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { IssuedKey } from "../api/types";
import { CopyText } from "../copy_text";
import { Field } from "../field";
import { Card, Problem } from "../parts";
import { SCOPES, type Scope } from "./scopes";

const USUAL: readonly Scope[] = ["realtime", "read", "write"];

/** Makes a key, and shows it this once. */
export function CreateKeyCard({ http, onMade }: { http: Http; onMade: () => void }): ReactElement {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState(USUAL);
  const [issued, setIssued] = useState<IssuedKey | null>(null);
  const create = useAction(async () => {
    setIssued(await http.post<IssuedKey>("/api/keys", { name: name.trim(), scopes }));
    setName("");
    setScopes(USUAL);
    onMade();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void create.run();
  };
  return (
    <Card title="Make a key">
      <form className="form" onSubmit={submit}>
        <Field label="What it is for" maxLength={200} placeholder="Website" value={name} onChange={setName} />
        <fieldset className="scopes">
          <legend>What it may do</legend>
          {SCOPES.map(([scope, words]) => (
            <label key={scope}>
              <input
                type="checkbox"
                checked={scopes.includes(scope)}
                onChange={({ target }) =>
                  setScopes(target.checked ? [...scopes, scope] : scopes.filter((each) => each !== scope))
                }
              />
              <span>
                {words} <code>{scope}</code>
              </span>
            </label>
          ))}
        </fieldset>
        <p className="buttons">
          <button type="submit" className="primary" disabled={create.busy || !name.trim() || scopes.length === 0}>
            {create.busy ? "Making it…" : "Make it"}
          </button>
        </p>
        <Problem error={create.error} />
      </form>
      <div role="status">{issued && <Secret issued={issued} onDone={() => setIssued(null)} />}</div>
    </Card>
  );
}

function Secret({ issued, onDone }: { issued: IssuedKey; onDone: () => void }): ReactElement {
  return (
    <section className="secret" aria-label="The new key">
      <p>
        <b>{issued.name}</b> – keep it now, it is not shown again.
      </p>
      <CopyText label="the key" text={issued.key} />
      <p>
        <button type="button" onClick={onDone}>
          I have it
        </button>
      </p>
    </section>
  );
}
