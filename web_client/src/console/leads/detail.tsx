import { type ReactElement, type ReactNode, useCallback, useState } from "react";
import { type Action, useAction, useLoad } from "../action";
import type { Http } from "../api/http";
import type { LeadRecord } from "../api/types";
import { nameOf } from "../conversations/identity";
import { useDraft } from "../drafts";
import { PersonCard } from "../erasures/person";
import { useNarrow } from "../narrow";
import { Card, capital, Figure, Loading, Problem } from "../parts";
import { linkTo } from "../router";
import { Answers } from "./answers";
import { CallsCard, useLeadCalls } from "./calls";
import { LeadForm, type Values } from "./form";
import { leadName } from "./names";
import { Reach } from "./reach";
import { Score } from "./score";
import { Social } from "./social";
import { Summary } from "./summary";
import { qualifyLead } from "./table";
import { Talks } from "./talks";

interface Props {
  http: Http;
  /** Null: a new one. */
  id: string | null;
  /** Whether somebody came to change it. */
  toEdit?: boolean;
}

/** One lead: its facts to change, its score with the reasons, its conversations. */
export function LeadDetail({ http, id, toEdit = false }: Props): ReactElement {
  const [lead, setLead] = useState<LeadRecord | null>(null);
  const written = useDraft<Values>(`leads/${id ?? "new"}`, {});
  const load = useLoad(
    useCallback(async () => {
      if (id !== null) setLead(await http.get<LeadRecord>(`/api/leads/${encodeURIComponent(id)}`));
    }, [http, id]),
  );
  const qualify = useAction(async (of: string) => {
    await qualifyLead(http, of);
    await load.run();
  });
  const form = (
    <LeadForm
      http={http}
      id={id}
      lead={lead}
      written={written}
      onSaved={(saved) => {
        setLead(saved);
        written.end();
      }}
    />
  );
  const answers = lead && <Answers http={http} lead={lead} onSaved={setLead} onStale={() => void load.run()} />;
  const reach = lead && <Reach http={http} lead={lead} onChange={setLead} />;
  const isNarrow = useNarrow();
  return (
    <>
      <p>
        <a href={linkTo("leads")}>← All leads</a>
      </p>
      {lead && isNarrow ? (
        <Narrow
          http={http}
          lead={lead}
          answers={answers}
          reach={reach}
          form={form}
          toEdit={toEdit || written.isWritten}
          qualify={qualify}
          problem={load.error}
        />
      ) : (
        <div className="columns">
          <Card title={lead ? leadName(lead) : id === null ? "New lead" : "Lead"}>
            <Problem error={load.error} />
            {id !== null && !lead && !load.error && <Loading />}
            {(id === null || lead) && form}
          </Card>
          {lead && <Beside http={http} lead={lead} answers={answers} qualify={qualify} reach={reach} />}
        </div>
      )}
    </>
  );
}

interface PartProps {
  http: Http;
  lead: LeadRecord;
  answers: ReactNode;
  reach: ReactNode;
  qualify: Action<[string]>;
}

/** What stands beside the form. */
function Beside({ http, lead, answers, reach, qualify }: PartProps): ReactElement {
  const calls = useLeadCalls(http, lead.id);
  return (
    <div className="stack">
      <Card title="Qualification" aside={<Agents lead={lead} qualify={qualify} />}>
        <Problem error={qualify.error} />
        <dl className="figures">
          <Figure name="Score" value={<Score lead={lead} />} />
          <Figure name="Status" value={lead.opted_out_at ? "Do not contact" : capital(lead.status)} />
          <Figure name="Source" value={lead.source ? capital(lead.source) : "–"} />
        </dl>
        {lead.qualification_reasoning && <p className="reasoning">{lead.qualification_reasoning}</p>}
      </Card>
      {answers}
      {lead.contact_phone && (
        <CallsCard
          http={http}
          name={nameOf(lead) ?? ""}
          number={lead.contact_phone}
          optedOutAt={lead.opted_out_at}
          calls={calls}
          hasButton={lead.opted_out_at === null || calls.underWay !== undefined}
        />
      )}
      {reach}
      <Social http={http} id={lead.id} />
      <Talks http={http} id={lead.id} />
      <PersonCard title="Their data" http={http} subject={{ lead_id: lead.id }} />
    </div>
  );
}

interface NarrowProps extends PartProps {
  form: ReactNode;
  toEdit: boolean;
  problem: Parameters<typeof Problem>[0]["error"];
}

/** What matters comes first, the form where it is asked for. */
function Narrow({ http, lead, answers, reach, form, toEdit, qualify, problem }: NarrowProps): ReactElement {
  const [isEditing, setEditing] = useState(toEdit);
  const calls = useLeadCalls(http, lead.id);
  return (
    <>
      <Problem error={problem} />
      <Summary lead={lead} calls={calls}>
        <button type="button" aria-expanded={isEditing} onClick={() => setEditing(!isEditing)}>
          Edit
        </button>
      </Summary>
      {isEditing && <Card title="What is known">{form}</Card>}
      {answers}
      {lead.contact_phone && (
        <CallsCard
          http={http}
          name={nameOf(lead) ?? ""}
          number={lead.contact_phone}
          optedOutAt={lead.opted_out_at}
          calls={calls}
          hasButton={false}
        />
      )}
      <Talks http={http} id={lead.id} />
      {reach}
      <Card title="Agents">
        <Agents lead={lead} qualify={qualify} />
        <Problem error={qualify.error} />
      </Card>
      <Social http={http} id={lead.id} />
      <PersonCard title="Their data" http={http} subject={{ lead_id: lead.id }} />
    </>
  );
}

function Agents({ lead, qualify }: Pick<PartProps, "lead" | "qualify">): ReactElement {
  return (
    <span className="buttons">
      <button type="button" disabled={qualify.busy} onClick={() => void qualify.run(lead.id)}>
        {qualify.busy ? "Qualifying…" : "Qualify"}
      </button>
      <a className="button" href={linkTo("agents", lead.id)}>
        Run an agent
      </a>
      <a className="button" href={linkTo("research", "lead", lead.id)}>
        Research
      </a>
    </span>
  );
}
