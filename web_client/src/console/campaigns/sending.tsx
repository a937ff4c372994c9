import { type ReactElement, useCallback } from "react";
import type { Http } from "../api/http";
import type { Campaign, CampaignFigures } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { useMove } from "../move";
import { Badge, Card, Problem, type Tone } from "../parts";
import { usePolling } from "../polling";
import { Results } from "./results";

const SOON_MS = 2_000;
const EVERY_MS = 15_000;

const NAMES: Record<Campaign["sending"], [string, Tone]> = {
  off: ["Not sent", "off"],
  on: ["Going out", "ok"],
  paused: ["Held back", "degraded"],
  stopped: ["Stopped", "down"],
};

interface Props {
  http: Http;
  place: string;
  campaign: Campaign;
  onChanged: () => void;
}

/** Whether a campaign goes out, how far that is, and what came of it. */
export function SendingCard({ http, place, campaign, onChanged }: Props): ReactElement | null {
  const { sending, messages } = campaign;
  const gone = messages.sent + messages.entered;
  const { value } = usePolling(
    useCallback(() => http.get<CampaignFigures>(`${place}/figures`), [http, place]),
    sending === "on" && messages.approved + messages.queued > 0 ? SOON_MS : EVERY_MS,
  );
  const move = useMove(http, place, onChanged);
  if (sending === "off" && messages.approved === 0 && gone === 0) return null;
  const left = messages.approved + messages.queued;
  const [name, tone] = NAMES[sending];
  return (
    <Card title="Sending" aside={<Badge tone={tone}>{name}</Badge>}>
      <div className="campaign-steps">
        <p>{told(campaign)}</p>
        {campaign.held && (
          <p className="problem" role="alert">
            {campaign.held.message}
          </p>
        )}
        {sending !== "off" && (
          <p className="progress" role="status">
            <progress aria-label="Sent" max={Math.max(1, gone + left)} value={gone} />
            <small>{left.toLocaleString()} to go</small>
          </p>
        )}
        <div className="buttons">
          {sending === "off" && left > 0 && (
            <ConfirmButton
              question={campaign.send ? "The CRM sends them; nobody looks at them again." : "They become drafts there."}
              yes={`Let ${left.toLocaleString()} go out`}
              disabled={move.busy}
              onConfirm={() => void move.run("send")}
            >
              Let it go out
            </ConfirmButton>
          )}
          {sending === "paused" && (
            <button type="button" className="primary" disabled={move.busy} onClick={() => void move.run("send")}>
              Go on
            </button>
          )}
          {sending === "on" && (
            <button type="button" disabled={move.busy} onClick={() => void move.run("send/pause")}>
              Hold it back
            </button>
          )}
          {(sending === "on" || sending === "paused") && (
            <ConfirmButton
              question="Nothing more of it is sent, for good."
              yes="Stop it"
              disabled={move.busy}
              onConfirm={() => void move.run("send/stop")}
            >
              Stop sending
            </ConfirmButton>
          )}
        </div>
        <Problem error={move.error} />
      </div>
      {value && value.days.length > 0 && <Results figures={value} />}
    </Card>
  );
}

function told({ send, per_hour, follow_up_days, sending }: Campaign): string {
  const whose = send
    ? "The CRM sends what is approved"
    : "What is approved becomes drafts in the CRM, for a person to send";
  const pace = per_hour === null ? "" : `, ${per_hour.toLocaleString()} an hour at most`;
  const then = follow_up_days.length > 0 ? ` Follow-ups after ${follow_up_days.join(", ")} days.` : "";
  const held = sending === "paused" ? " Nothing goes out now." : "";
  return `${whose}${pace}, within recipients’ working hours.${then}${held}`;
}
