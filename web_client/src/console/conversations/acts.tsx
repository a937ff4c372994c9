import type { ReactElement } from "react";
import type { OperatorAct } from "../api/types";
import { Ago } from "../moment";

const TOLD: Record<OperatorAct["kind"], string> = {
  takeover: "took over",
  release: "gave it back",
  lapse: "was gone, and the agent went on",
  say: "had it say",
  whisper: "whispered",
  listen: "listened",
  end: "ended it",
};

/** What people did beside the conversation, `open` while it goes on; nothing where nobody did. */
export function Acts({ acts, open }: { acts: readonly OperatorAct[]; open: boolean }): ReactElement | null {
  if (acts.length === 0) return null;
  return (
    <section className="acts" aria-label="What people did">
      <h3>What people did</h3>
      <ul>
        {acts.map(({ id, kind, key_name, name, text, said, created_at }) => (
          <li key={id}>
            <b>{[name, key_name && `key “${key_name}”`].filter(Boolean).join(", ") || "Somebody"}</b> {TOLD[kind]}
            {text && <q>{text}</q>}
            {said === false && (
              <>
                {" "}
                <em className="unsaid">{open ? "not said yet" : "not said"}</em>
              </>
            )}{" "}
            <Ago moment={created_at} />
          </li>
        ))}
      </ul>
    </section>
  );
}
