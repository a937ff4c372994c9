import { type ReactElement, useCallback } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { Delivery } from "../api/types";
import { Dialog } from "../dialog";
import { Badge, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { milliseconds, moment } from "../times";
import { answerTold, STATUS_NAMES, STATUS_TONES } from "./names";

const EVERY_MS = 2_000;

interface Props {
  http: Http;
  address: string;
  onClose: () => void;
  onChanged: () => void;
}

/** One delivery: what is sent, what was answered, and sending it again. */
export function DeliveryDialog({ http, address, onClose, onChanged }: Props): ReactElement {
  const { value, error, again } = usePolling(
    useCallback(() => http.get<Delivery>(address), [http, address]),
    EVERY_MS,
  );
  const redeliver = useAction(async () => {
    await http.post(`${address}/redeliver`);
    again();
    onChanged();
  });
  return (
    <Dialog title={value?.type ?? "Delivery"} onClose={onClose}>
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value && (
        <div className="delivery">
          <Outcome delivery={value} />
          <h3>Sent</h3>
          <pre className="payload">{JSON.stringify(value.body, null, 2)}</pre>
          <p className="muted">
            <code>webhook-id: {value.event_id}</code>
          </p>
          <p className="buttons">
            <button type="button" disabled={redeliver.busy} onClick={() => void redeliver.run()}>
              Send it again
            </button>
          </p>
          <Problem error={redeliver.error} />
        </div>
      )}
    </Dialog>
  );
}

/** What came of it, with how the answer begins. */
export function Outcome({ delivery }: { delivery: Delivery }): ReactElement {
  const { status, attempts, latency_ms, tried_at, next_at, answer } = delivery;
  return (
    <section className="outcome" aria-label="What came of it">
      <p>
        <Badge tone={STATUS_TONES[status]}>{STATUS_NAMES[status]}</Badge> {answerTold(delivery)}
        {latency_ms !== null && ` after ${milliseconds(latency_ms)}`}
        {attempts > 1 && `, at attempt ${attempts}`}
      </p>
      {tried_at && next_at && <p className="muted">Again at {moment(next_at)}.</p>}
      {answer && <pre className="payload">{answer}</pre>}
    </section>
  );
}
