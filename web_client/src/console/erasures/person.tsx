import type { ReactElement } from "react";
import { useCallback, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { ErasureReply, Plan, Subject } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { Card, Problem, words } from "../parts";
import { linkTo } from "../router";
import { saveFile } from "../save_file";

interface Props {
  title: string;
  http: Http;
  /** Null: nobody is named yet. */
  subject: Subject | null;
}

const EXPORT_MS = 300_000;

/** What is known of a person: as a file, or erased, with the plan shown before. */
export function PersonCard({ title, http, subject }: Props): ReactElement {
  return (
    <Card title={title}>
      <PersonActions key={JSON.stringify(subject)} http={http} subject={subject} />
    </Card>
  );
}

export function PersonActions({ http, subject }: Omit<Props, "title">): ReactElement {
  const [plan, setPlan] = useState<Plan | null>(null);
  const [asked, setAsked] = useState(false);
  const look = useAction(
    useCallback(async () => {
      const body = { ...subject, dry_run: true };
      setPlan((await http.post<ErasureReply>("/api/erasures", body)).plan);
    }, [http, subject]),
  );
  const save = useAction(async () => {
    const file = await http.open("GET", "/api/people/export", { query: { ...subject }, timeoutMs: EXPORT_MS });
    saveFile("person.json", await file.blob());
  });
  const doIt = useAction(async () => {
    if (!subject) return;
    await http.post<ErasureReply>("/api/erasures", subject);
    setAsked(true);
  });
  if (asked) {
    return (
      <p role="status">
        It is being erased. <a href={linkTo("erasures")}>See how it stands</a>
      </p>
    );
  }
  return (
    <div className="stack erasure">
      <p className="buttons">
        <button type="button" disabled={!subject || save.busy} onClick={() => void save.run()}>
          {save.busy ? "Collecting…" : "Export as a file"}
        </button>
        {!plan && (
          <button type="button" disabled={!subject || look.busy} onClick={() => void look.run()}>
            {look.busy ? "Looking…" : "Erase…"}
          </button>
        )}
      </p>
      <Problem error={save.error ?? look.error ?? doIt.error} />
      {plan && <PlanShown plan={plan} />}
      {plan && plan.lines.length > 0 && (
        <div className="buttons">
          <ConfirmButton
            question="It cannot be brought back. Are you sure that it is theirs?"
            yes="Erase it"
            disabled={doIt.busy}
            onConfirm={() => void doIt.run()}
          >
            Erase all of this
          </ConfirmButton>
        </div>
      )}
    </div>
  );
}

function PlanShown({ plan }: { plan: Plan }): ReactElement {
  const waits = Object.entries(plan.waits_for);
  if (plan.lines.length === 0) return <p>Nothing is known of such a person.</p>;
  return (
    <section aria-label="What would become of it">
      <table>
        <tbody>
          {plan.lines.map(({ kind, count, fate, note }) => (
            <tr key={kind}>
              <td className="number">{count.toLocaleString()}</td>
              <td>
                {words(kind)} {fate === "kept" && <b>kept</b>}
                {note && <small className="muted"> {note}</small>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {waits.length > 0 && <p>To end first: {waits.map(([kind, count]) => `${count} ${words(kind)}`).join(", ")}.</p>}
      {plan.sharing_number > 0 && <p>{plan.sharing_number} others have the same number; nothing of them is touched.</p>}
    </section>
  );
}
