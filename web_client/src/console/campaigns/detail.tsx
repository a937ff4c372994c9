import { type FormEvent, type ReactElement, useCallback, useState } from "react";
import { useAction } from "../action";
import { Amount } from "../amount";
import type { Http } from "../api/http";
import type { Campaign } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { DetailPage } from "../detail_page";
import { useMove } from "../move";
import { Badge, Card, Problem } from "../parts";
import { usePolling } from "../polling";
import { BudgetBar, MessageBar } from "./bars";
import { MessagesCard } from "./messages";
import { audienceTold, PAUSES, reasonsTold, STATUS_NAMES, STATUS_TONES } from "./names";
import { SendingCard } from "./sending";

const SOON_MS = 1_000;
const EVERY_MS = 6_000;
const PREVIEW = 3;

const pace = ({ status, messages }: Campaign): number =>
  status === "generating" || messages.queued > 0 ? SOON_MS : EVERY_MS;

/** One campaign: how far it is, what can be done with it, its messages. */
export function CampaignDetail({ http, id }: { http: Http; id: string }): ReactElement {
  const place = `/api/campaigns/${encodeURIComponent(id)}`;
  const polled = usePolling(
    useCallback(() => http.get<Campaign>(place), [http, place]),
    pace,
  );
  const { error, again } = polled;
  return (
    <DetailPage page="campaigns" all="All campaigns" title="Campaign" polled={polled}>
      {(campaign) => (
        <>
          <Card
            title={campaign.name}
            aside={<Badge tone={STATUS_TONES[campaign.status]}>{STATUS_NAMES[campaign.status]}</Badge>}
          >
            <Problem error={error} />
            <Progress campaign={campaign} />
            <Steps http={http} place={place} campaign={campaign} onChanged={again} />
            <Budget key={campaign.budget_usd} http={http} place={place} campaign={campaign} onChanged={again} />
          </Card>
          <SendingCard http={http} place={place} campaign={campaign} onChanged={again} />
          <MessagesCard http={http} place={place} campaign={campaign} onChanged={again} />
        </>
      )}
    </DetailPage>
  );
}

function Progress({ campaign }: { campaign: Campaign }): ReactElement {
  const failed = reasonsTold(campaign.failed);
  const skipped = reasonsTold(campaign.skipped);
  const { agent, written_by } = campaign;
  const who = [written_by.name, written_by.company].filter(Boolean).join(", ");
  return (
    <div className="campaign-progress">
      <p>{campaign.goal}</p>
      <p className="muted">
        For {audienceTold(campaign.audience)}.{who && ` In the name of ${who}.`}
      </p>
      {agent && agent !== written_by.agent && (
        <p className="problem">
          The agent “{agent}” was deleted: what was not written by then is in the name of the default one.
        </p>
      )}
      <div>
        <MessageBar campaign={campaign} keys />
      </div>
      {skipped && <p className="muted">Left out: {skipped}.</p>}
      {failed && <p className="problem">Failed: {failed}.</p>}
    </div>
  );
}

interface Props {
  http: Http;
  place: string;
  campaign: Campaign;
  onChanged: () => void;
}

/** What can be done next with a campaign that is as it is. */
function Steps({ http, place, campaign, onChanged }: Props): ReactElement | null {
  const { status, reason, messages } = campaign;
  const move = useMove(http, place, onChanged);
  const isOpen = status === "draft" || status === "paused";
  const mayWrite = isOpen && messages.waiting > 0 && campaign.spent_usd < campaign.budget_usd;
  if (!isOpen && status !== "generating" && !move.error) return null;
  return (
    <div className="campaign-steps">
      {status === "draft" && <p>Nothing is written yet. Look at a few messages before all are.</p>}
      {status === "paused" && reason && <p>{PAUSES[reason]}</p>}
      {status === "generating" && (
        <p className="progress" role="status">
          <progress
            aria-label="Writing"
            max={messages.waiting + messages.drafted + messages.approved + messages.rejected + messages.failed}
            value={messages.drafted + messages.approved + messages.rejected + messages.failed}
          />
          <small>{messages.waiting.toLocaleString()} to write</small>
        </p>
      )}
      <div className="buttons">
        {mayWrite && (
          <>
            <button
              type="button"
              className={status === "draft" ? "primary" : ""}
              disabled={move.busy}
              onClick={() => void move.run("preview", { count: PREVIEW })}
            >
              Write {PREVIEW} to look at
            </button>
            <button
              type="button"
              className={status === "paused" ? "primary" : ""}
              disabled={move.busy}
              onClick={() => void move.run("start")}
            >
              {messages.waiting === 1 ? "Write the last" : `Write all ${messages.waiting.toLocaleString()}`}
            </button>
          </>
        )}
        {status === "generating" && (
          <button type="button" disabled={move.busy} onClick={() => void move.run("pause")}>
            Pause
          </button>
        )}
        {(isOpen || status === "generating") && (
          <ConfirmButton
            question="Nothing more is written then, for good. What is written stays."
            yes="Cancel the campaign"
            disabled={move.busy}
            onConfirm={() => void move.run("cancel")}
          >
            Give it up
          </ConfirmButton>
        )}
      </div>
      <Problem error={move.error} />
    </div>
  );
}

/** Money spent, and how much more may be. */
function Budget({ http, place, campaign, onChanged }: Props): ReactElement {
  const [budget, setBudget] = useState(String(campaign.budget_usd));
  const save = useAction(async () => {
    await http.send("PATCH", place, { body: { budget_usd: Number(budget) } });
    onChanged();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void save.run();
  };
  const isSame = Number(budget) === campaign.budget_usd || !(Number(budget) > 0);
  return (
    <div className="campaign-budget">
      <section aria-label="Spent">
        <h3>Spent</h3>
        <BudgetBar campaign={campaign} />
      </section>
      {campaign.status !== "cancelled" && campaign.status !== "ready" && (
        <form onSubmit={submit}>
          <Amount label="Budget, in dollars" value={budget} min={0.0001} max={10_000} step="any" onChange={setBudget} />
          <button type="submit" disabled={save.busy || isSame}>
            Save
          </button>
        </form>
      )}
      <Problem error={save.error} />
    </div>
  );
}
