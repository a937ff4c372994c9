import { type FormEvent, type ReactElement, useState } from "react";

interface Props {
  /** What was wrong with the key before. */
  problem: string | null;
  onKey: (key: string) => void;
}

/** Asks for the operator's key, once a tab. */
export function KeyForm({ problem, onKey }: Props): ReactElement {
  const [key, setKey] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (key.trim()) onKey(key.trim());
  };
  return (
    <form className="card key-form" onSubmit={submit}>
      <h2>Operator's key</h2>
      <p>
        Enter an API key to see conversations, leads, agents and costs. It stays in this tab. The server's first key is
        in its data directory (<code>.data/api-key</code>); <code>sales-agent keys create</code> makes another.
      </p>
      <div className="row">
        <input
          type="password"
          autoComplete="off"
          aria-label="API key"
          aria-invalid={problem !== null}
          placeholder="sk_sales_…"
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
        <button type="submit" className="primary" disabled={!key.trim()}>
          Show
        </button>
      </div>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
