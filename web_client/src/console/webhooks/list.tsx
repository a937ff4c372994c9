import { type ReactElement, useCallback } from "react";
import type { Http } from "../api/http";
import type { Page, Webhook } from "../api/types";
import { Badge, Card, Empty, Loading, Problem } from "../parts";
import { type Polled, usePolling } from "../polling";
import { linkTo } from "../router";
import { HourBars } from "./hours";
import { eventsTold, stateOf, waitingTold } from "./names";

const EVERY_MS = 10_000;

/** The endpoints, newest first. */
export function useWebhooks(http: Http): Polled<Page<Webhook>> {
  return usePolling(
    useCallback(() => http.get<Page<Webhook>>("/api/webhooks"), [http]),
    EVERY_MS,
  );
}

/** Which endpoints there are, and how each does. */
export function WebhooksCard({ webhooks: { value, error } }: { webhooks: Polled<Page<Webhook>> }): ReactElement {
  return (
    <Card title="Webhooks">
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value?.items.length === 0 && (
        <Empty title="No program is told of anything yet.">
          <p>
            Add one. To look at events first, run <code>sales-agent webhooks listen</code> on this machine.
          </p>
        </Empty>
      )}
      {value && value.items.length > 0 && (
        <ul className="webhooks">
          {value.items.map((webhook) => (
            <Row key={webhook.id} webhook={webhook} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Row({ webhook }: { webhook: Webhook }): ReactElement {
  const [tone, state] = stateOf(webhook);
  return (
    <li>
      <p>
        <a href={linkTo("webhooks", webhook.id)}>{webhook.description || webhook.url}</a>
        <Badge tone={tone}>{state}</Badge>
      </p>
      {webhook.description && <p className="muted address">{webhook.url}</p>}
      <p className="muted">
        Hears of {eventsTold(webhook.events)}
        {webhook.waiting > 0 && `; ${waitingTold(webhook)} wait`}
      </p>
      <HourBars hours={webhook.hours} />
    </li>
  );
}
