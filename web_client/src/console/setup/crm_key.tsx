import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { CrmKeyState } from "../api/types";
import { Problem } from "../parts";

const TIMEOUT_MS = 30_000;

/** Takes a key of Close; it is tried before it is kept. */
export function CrmKey({ http, onConnected }: { http: Http; onConnected: () => void }): ReactElement {
  const [key, setKey] = useState("");
  const connect = useAction(async () => {
    await http.send<CrmKeyState>("PUT", "/api/sync/credentials/close", {
      body: { api_key: key.trim() },
      timeoutMs: TIMEOUT_MS,
    });
    setKey("");
    onConnected();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void connect.run();
  };
  return (
    <form onSubmit={submit}>
      <div className="row">
        <input
          type="password"
          autoComplete="off"
          aria-label="API key of Close"
          placeholder="API key of Close"
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
        <button type="submit" className="primary" disabled={connect.busy || key.trim().length < 8}>
          {connect.busy ? "Trying it…" : "Connect"}
        </button>
      </div>
      <Problem error={connect.error} />
    </form>
  );
}
