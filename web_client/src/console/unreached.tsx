import { type ReactElement, useEffect } from "react";
import { connection, useLost } from "./connection";

/** Says once for all pages that the server does not answer, until it does. */
export function Unreached(): ReactElement | null {
  const isLost = useLost();
  useEffect(() => {
    if (!isLost) return;
    addEventListener("online", connection.tryNow);
    return () => removeEventListener("online", connection.tryNow);
  }, [isLost]);
  if (!isLost) return null;
  return (
    <section className="unreached" aria-label="Connection">
      <p role="alert">
        <b>The server does not answer.</b> What is shown may be old. The console tries again by itself.
      </p>
      <button type="button" onClick={connection.tryNow}>
        Try now
      </button>
    </section>
  );
}
