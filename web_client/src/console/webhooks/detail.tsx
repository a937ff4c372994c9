import { type ReactElement, useCallback, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { Delivery, NewSecret, Webhook } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { Badge, Card, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { linkTo } from "../router";
import { moment } from "../times";
import { DeliveriesCard } from "./deliveries";
import { Outcome } from "./delivery";
import { HourBars } from "./hours";
import { stateOf, troubleOf } from "./names";
import { Secret } from "./secret";
import { SettingsCard } from "./settings";

const EVERY_MS = 5_000;
const TEST_MS = 20_000;

/** One endpoint: how it does, what can be done with it, what was sent. */
export function WebhookDetail({ http, id }: { http: Http; id: string }): ReactElement {
  const place = `/api/webhooks/${encodeURIComponent(id)}`;
  const [sent, setSent] = useState(0);
  const { value, error, again } = usePolling(
    useCallback(() => http.get<Webhook>(place), [http, place]),
    EVERY_MS,
  );
  const changed = useCallback(() => {
    setSent((count) => count + 1);
    again();
  }, [again]);
  return (
    <>
      <p>
        <a href={linkTo("webhooks")}>← All webhooks</a>
      </p>
      {!value && (
        <Card title="Webhook">
          <Problem error={error} />
          {!error && <Loading />}
        </Card>
      )}
      {value && (
        <div className="agenda-columns">
          <div className="webhook">
            <Standing http={http} place={place} webhook={value} onChanged={changed} />
            <DeliveriesCard key={sent} http={http} place={place} onChanged={again} />
          </div>
          <SettingsCard http={http} place={place} webhook={value} onChanged={again} />
        </div>
      )}
    </>
  );
}

interface Props {
  http: Http;
  place: string;
  webhook: Webhook;
  onChanged: () => void;
}

function Standing({ http, place, webhook, onChanged }: Props): ReactElement {
  const [tone, state] = stateOf(webhook);
  const trouble = troubleOf(webhook);
  const [tested, setTested] = useState<Delivery | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const test = useAction(async () => {
    setTested(null);
    setTested(await http.post<Delivery>(`${place}/test`, {}, TEST_MS));
    onChanged();
  });
  const turn = useAction(async (enabled: boolean) => {
    await http.send("PATCH", place, { body: { enabled } });
    onChanged();
  });
  const rotate = useAction(async () => {
    setSecret((await http.post<NewSecret>(`${place}/rotate-secret`)).secret);
    onChanged();
  });
  const remove = useAction(async () => {
    await http.send("DELETE", place);
    location.hash = linkTo("webhooks");
  });
  return (
    <Card title={webhook.description || "Webhook"} aside={<Badge tone={tone}>{state}</Badge>}>
      <p className="address">{webhook.url}</p>
      {trouble && <p className="trouble">{trouble}</p>}
      {webhook.enabled && webhook.failing_since && (
        <p className="trouble">Nothing has arrived since {moment(webhook.failing_since)}; it is tried again.</p>
      )}
      {webhook.old_secret_until && Date.parse(webhook.old_secret_until) > Date.now() && (
        <p className="muted">The secret before signs too until {moment(webhook.old_secret_until)}.</p>
      )}
      <HourBars hours={webhook.hours} />
      <div className="buttons">
        <button type="button" className="primary" disabled={test.busy} onClick={() => void test.run()}>
          {test.busy ? "Sending…" : "Send a test"}
        </button>
        <button type="button" disabled={turn.busy} onClick={() => void turn.run(!webhook.enabled)}>
          {webhook.enabled ? "Switch off" : "Switch on"}
        </button>
        <ConfirmButton
          question="The secret before stays good for a day."
          yes="Make a new one"
          disabled={rotate.busy}
          onConfirm={() => void rotate.run()}
        >
          New secret
        </ConfirmButton>
        <ConfirmButton
          question="What waits for it goes, too."
          yes="Delete"
          disabled={remove.busy}
          onConfirm={() => void remove.run()}
        >
          Delete
        </ConfirmButton>
      </div>
      <Problem error={test.error ?? turn.error ?? rotate.error ?? remove.error} />
      <div role="status">
        {tested && <Outcome delivery={tested} />}
        {secret && <Secret about={webhook.url} text={secret} onDone={() => setSecret(null)} />}
      </div>
    </Card>
  );
}
