import { type ReactElement, useCallback, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { Campaign, CampaignMessage, MessageCounts, Page } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { ShowMore, useGrowing } from "../growing";
import { Card, Empty, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";
import { saveFile } from "../save_file";
import { type Column, Table } from "../table";
import { KIND_NAMES, KINDS, reasonName } from "./names";
import { Reader } from "./reader";

const SOON_MS = 2_000;
const EVERY_MS = 10_000;
const STEP = 100;
const EXPORT_TIMEOUT_MS = 60_000;

interface Props {
  http: Http;
  /** The campaign's address in the API. */
  place: string;
  campaign: Campaign;
  onChanged: () => void;
}

/** A campaign's messages: read one by one, approved or rejected; who was left out; all that is approved as a file. */
export function MessagesCard({ http, place, campaign, onChanged }: Props): ReactElement {
  const { messages, approvable } = campaign;
  const [kind, setKind] = useState<keyof MessageCounts>("drafted");
  // After it the list is another one.
  const [approvals, setApprovals] = useState(0);
  const approve = useAction(async () => {
    await http.post(`${place}/approve`);
    setApprovals((count) => count + 1);
    onChanged();
  });
  const download = useAction(async () => {
    const file = await http.open("GET", `${place}/export.csv`, { timeoutMs: EXPORT_TIMEOUT_MS });
    saveFile("campaign.csv", await file.blob());
  });
  return (
    <Card
      title="Messages"
      aside={
        <div className="buttons">
          {approvable > 0 && (
            <ConfirmButton
              question={`Without reading ${approvable === 1 ? "it" : "each"}?`}
              yes={`Approve ${approvable.toLocaleString()}`}
              disabled={approve.busy}
              onConfirm={() => void approve.run()}
            >
              Approve all
            </ConfirmButton>
          )}
          <button type="button" disabled={download.busy || messages.approved === 0} onClick={() => void download.run()}>
            Save approved as CSV
          </button>
        </div>
      }
    >
      <Problem error={approve.error ?? download.error} />
      <div className="kinds" role="radiogroup" aria-label="Which messages">
        {KINDS.filter((each) => each === kind || each === "drafted" || messages[each] > 0).map((each) => (
          <label key={each} data-chosen={each === kind}>
            <input type="radio" name="kind" className="sr" checked={each === kind} onChange={() => setKind(each)} />
            {KIND_NAMES[each]} <b>{messages[each].toLocaleString()}</b>
          </label>
        ))}
      </div>
      <Listed
        key={`${kind}/${approvals}`}
        http={http}
        place={place}
        campaign={campaign}
        kind={kind}
        onChanged={onChanged}
      />
    </Card>
  );
}

function Listed({ http, place, campaign, kind, onChanged }: Props & { kind: keyof MessageCounts }): ReactElement {
  const growing = useGrowing(STEP);
  const { limit } = growing;
  const { value, error, again } = usePolling(
    useCallback(
      () => http.get<Page<CampaignMessage>>(`${place}/messages`, { status: kind, limit }),
      [http, place, kind, limit],
    ),
    campaign.status === "generating" ? SOON_MS : EVERY_MS,
  );
  const isRead = kind === "drafted" || kind === "approved" || kind === "rejected";
  const changed = (): void => {
    again();
    onChanged();
  };
  return (
    <>
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value?.items.length === 0 && <Nothing kind={kind} campaign={campaign} />}
      {value && value.items.length > 0 && isRead && (
        <Reader http={http} place={place} messages={value.items} onChanged={changed} />
      )}
      {value && value.items.length > 0 && !isRead && (
        <Table
          name={KIND_NAMES[kind]}
          rows={value.items}
          keyOf={({ lead_id, step }) => `${lead_id} ${step}`}
          columns={LEADS}
        />
      )}
      <ShowMore {...growing} more={Boolean(value?.next_cursor)} />
    </>
  );
}

function Nothing({ kind, campaign }: { kind: keyof MessageCounts; campaign: Campaign }): ReactElement {
  if (kind !== "drafted") return <Empty title="None." />;
  if (campaign.status === "generating") return <Empty title="The first messages are being written." />;
  if (campaign.messages.approved > 0)
    return (
      <Empty title="All that is written was read.">
        <p>Let the approved ones go out above, or save them as a file for another mail program.</p>
      </Empty>
    );
  return (
    <Empty title="Nothing to read.">
      <p>Messages show up here as they are written.</p>
    </Empty>
  );
}

const LEADS: Column<CampaignMessage>[] = [
  {
    head: "Lead",
    cell: ({ lead_id, company_name, contact_name, contact_email }) => (
      <a href={linkTo("leads", lead_id)}>{contact_name ?? contact_email ?? company_name ?? "Unnamed"}</a>
    ),
  },
  { head: "Company", text: true, cell: ({ company_name }) => company_name ?? "–" },
  { head: "Why", cell: ({ reason }) => (reason ? reasonName(reason) : "–") },
];
