import { type ReactElement, useEffect, useRef, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { ConflictGroup, Decided } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { Problem } from "../parts";
import { consequence, type Like, type Side, total } from "./alike";

const TIMEOUT_MS = 60_000;

interface Props {
  http: Http;
  groups: readonly ConflictGroup[];
  /** What they have in common. */
  like: Like;
  /** What the other side is called. */
  theirs: string;
  onDecided: () => void;
}

/** The same answer for all that are listed: it says what that does, and asks before. */
export function DecideAll({ http, groups, like, theirs, onDecided }: Props): ReactElement | null {
  const [done, setDone] = useState<Decided | null>(null);
  const stopped = useRef(false);
  useEffect(() => {
    stopped.current = false;
    return () => {
      stopped.current = true;
    };
  }, []);
  const decide = useAction(async (choice: Side) => {
    const until = groups.map(({ newest_at }) => newest_at).reduce((a, b) => (Date.parse(a) > Date.parse(b) ? a : b));
    let sum: Decided = { resolved: 0, left: total(groups) };
    try {
      do {
        setDone(sum);
        const next = await http.post<Decided>("/api/sync/conflicts/resolve", { ...like, choice, until }, TIMEOUT_MS);
        sum = { resolved: sum.resolved + next.resolved, left: next.left };
      } while (sum.left > 0 && !stopped.current);
    } finally {
      setDone(null);
      onDecided();
    }
  });
  const count = total(groups);
  if (count < 2 && !decide.busy) return null;
  const button = (choice: Side, name: string): ReactElement => (
    <ConfirmButton
      question={consequence(groups, choice, theirs)}
      yes={`Decide ${count.toLocaleString()}`}
      disabled={decide.busy}
      onConfirm={() => void decide.run(choice)}
    >
      {name}
    </ConfirmButton>
  );
  return (
    <section className="all" aria-label="All of them">
      <b>All {count.toLocaleString()}</b>
      <div className="buttons">
        {button("local", "Take ours")}
        {button("remote", `Take ${theirs}’s`)}
      </div>
      {done && (
        <p className="progress">
          <progress aria-label="Deciding" max={done.resolved + done.left} value={done.resolved} />
          <small>
            {done.resolved.toLocaleString()} decided, {done.left.toLocaleString()} to go
          </small>
        </p>
      )}
      <Problem error={decide.error} />
    </section>
  );
}
