import { type ReactElement, useCallback } from "react";
import { agentName } from "../agents/names";
import type { Http } from "../api/http";
import type { Customer, OpenMatter } from "../api/types";
import { ConversationList } from "../conversations/list";
import { Meeting } from "../meetings/meeting";
import { Ago } from "../moment";
import { Badge, Card, Empty, Figure, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";
import { moment } from "../times";

const EVERY_MS = 10_000;

/** One customer: what is open, their meetings, what was talked about. */
export function CustomerDetail({ http, id }: { http: Http; id: string }): ReactElement {
  const { value, error, again } = usePolling(
    useCallback(() => http.get<Customer>(`/api/customers/${encodeURIComponent(id)}`), [http, id]),
    EVERY_MS,
  );
  return (
    <>
      <p>
        <a href={linkTo("customers")}>← All customers</a>
      </p>
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value && (
        <div className="columns">
          <div className="stack">
            <Facts customer={value} />
            <Matters open={value.open} />
          </div>
          <div className="stack">
            <Meetings http={http} customer={value} onChanged={again} />
            <Card title="Conversations">
              {value.conversations.length === 0 && <Empty title="None yet." />}
              {value.conversations.length > 0 && (
                <ConversationList conversations={value.conversations} selected={null} />
              )}
            </Card>
          </div>
        </div>
      )}
    </>
  );
}

function Facts({ customer: { lead } }: { customer: Customer }): ReactElement {
  return (
    <Card
      title={lead.company_name ?? lead.contact_name ?? "Customer"}
      aside={
        <a className="button" href={linkTo("leads", lead.id)}>
          Change
        </a>
      }
    >
      <dl className="figures">
        <Figure name="Contact" value={lead.contact_name ?? "–"} note={lead.contact_title} />
        <Figure name="E-mail" value={lead.contact_email ?? "–"} />
        <Figure name="Phone" value={lead.contact_phone ?? "–"} />
        {lead.industry && <Figure name="Industry" value={lead.industry} />}
        {lead.opted_out_at && <Figure name="Contact them" value={<Badge tone="down">Do not contact</Badge>} />}
      </dl>
      {lead.notes && <p className="reasoning">{lead.notes}</p>}
    </Card>
  );
}

/** What waits for a person. */
function Matters({ open }: { open: readonly OpenMatter[] }): ReactElement {
  return (
    <Card title="Open with them">
      {open.length === 0 && <Empty title="Nothing is open." />}
      <ul className="waiting">
        {open.map((matter) => (
          <li key={`${matter.kind}/${matter.conversation_id ?? matter.thread_id}/${matter.since}`}>
            <a href={placeOf(matter)}>
              <Badge tone="degraded">{matter.kind === "person_wanted" ? "Call back" : "Answer"}</Badge>
              <span>
                {matter.kind === "person_wanted"
                  ? "Asked for a person"
                  : `${agentName(matter.agent ?? "agent")} waits for an answer`}{" "}
                <small>
                  <Ago moment={matter.since} />
                </small>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function placeOf({ conversation_id, thread_id }: OpenMatter): string {
  if (conversation_id) return linkTo("conversations", conversation_id);
  return thread_id ? linkTo("agents", "thread", thread_id) : linkTo("agents");
}

interface MeetingsProps {
  http: Http;
  customer: Customer;
  onChanged: () => void;
}

function Meetings({ http, customer: { meetings }, onChanged }: MeetingsProps): ReactElement {
  return (
    <Card title="Meetings" aside={<a href={linkTo("meetings")}>All</a>}>
      {meetings.length === 0 && <Empty title="None in the last year." />}
      {meetings.length > 0 && (
        <div className="agenda">
          <ul>
            {meetings.map((meeting) => (
              <Meeting
                key={meeting.id}
                http={http}
                meeting={meeting}
                heading={moment(meeting.start)}
                onChanged={onChanged}
              />
            ))}
          </ul>
        </div>
      )}
    </Card>
  );
}
