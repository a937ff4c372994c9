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
      <h2>Conversations</h2>
      <p>Enter an API key to see them. It stays in this tab.</p>
      <div className="key-row">
        <input
          type="password"
          autoComplete="off"
          aria-label="API key"
          aria-invalid={problem !== null}
          placeholder="API key"
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
