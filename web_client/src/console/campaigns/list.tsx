import { type ReactElement, useCallback } from "react";
import type { Http } from "../api/http";
import type { Campaign, Page } from "../api/types";
import { ShowMore, useGrowing } from "../growing";
import { Ago } from "../moment";
import { Badge, Card, Empty, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";
import { type Column, Table } from "../table";
import { BudgetBar, MessageBar } from "./bars";
import { audienceTold, STATUS_NAMES, STATUS_TONES } from "./names";

const EVERY_MS = 4_000;
const STEP = 25;

const COLUMNS: Column<Campaign>[] = [
  {
    head: "Campaign",
    cell: (campaign) => (
      <>
        <a href={linkTo("campaigns", campaign.id)}>
          <b>{campaign.name}</b>
        </a>
        <br />
        <small>{audienceTold(campaign.audience)}</small>
      </>
    ),
  },
  { head: "Status", cell: ({ status }) => <Badge tone={STATUS_TONES[status]}>{STATUS_NAMES[status]}</Badge> },
  { head: "Messages", cell: (campaign) => <MessageBar campaign={campaign} /> },
  { head: "Spent", cell: (campaign) => <BudgetBar campaign={campaign} /> },
  { head: "Planned", minor: true, cell: (campaign) => <Ago moment={campaign.created_at} /> },
];

/** All campaigns, newest first: how far each is, and what it cost. */
export function CampaignList({ http }: { http: Http }): ReactElement {
  const growing = useGrowing(STEP);
  const { limit } = growing;
  const { value, error } = usePolling(
    useCallback(() => http.get<Page<Campaign>>("/api/campaigns", { limit }), [http, limit]),
    EVERY_MS,
  );
  return (
    <Card
      title="Campaigns"
      aside={
        <a className="button primary" href={linkTo("campaigns", "new")}>
          Plan a campaign
        </a>
      }
    >
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value?.items.length === 0 && (
        <Empty title="No campaigns yet.">
          <p>
            <a href={linkTo("campaigns", "new")}>Plan one</a>: an agent writes each lead an e-mail, you read and approve
            them, and they go out through the CRM's own mail.
          </p>
        </Empty>
      )}
      {value && value.items.length > 0 && (
        <div className="campaigns">
          <Table name="Campaigns" rows={value.items} keyOf={({ id }) => id} columns={COLUMNS} />
        </div>
      )}
      <ShowMore {...growing} more={Boolean(value?.next_cursor)} />
    </Card>
  );
}
