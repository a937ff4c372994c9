import { type ReactElement, useCallback, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { DeliveryStatus, ListedDelivery, Redelivered } from "../api/types";
import { Ago } from "../moment";
import { MoreRows } from "../more_rows";
import { usePages } from "../paging";
import { Badge, Card, Empty, Loading, Problem } from "../parts";
import { type Column, Table } from "../table";
import { moment } from "../times";
import { DeliveryDialog } from "./delivery";
import { answerTold, STATUS_NAMES, STATUS_TONES } from "./names";

const EVERY_MS = 5_000;
const LIMIT = 50;
const DAY_MS = 86_400_000;

const idOf = ({ id }: ListedDelivery): string => id;

interface Props {
  http: Http;
  place: string;
  onChanged: () => void;
}

/** What was sent, and what came of it. */
export function DeliveriesCard({ http, place, onChanged }: Props): ReactElement {
  const [status, setStatus] = useState<DeliveryStatus | "">("");
  const [looked, setLooked] = useState<string | null>(null);
  const page = usePages<ListedDelivery>(
    useCallback(
      (cursor: string | null) => http.get(`${place}/deliveries`, { status, limit: LIMIT, cursor }),
      [http, place, status],
    ),
    idOf,
    EVERY_MS,
  );
  const { rows, error } = page;
  const changed = (): void => {
    page.again();
    onChanged();
  };
  return (
    <Card
      title="What was sent"
      aside={
        <select
          aria-label="What came of it"
          value={status}
          onChange={({ target }) => setStatus(target.value as DeliveryStatus | "")}
        >
          <option value="">Whatever came of it</option>
          {Object.entries(STATUS_NAMES).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      }
    >
      <Problem error={error} />
      {!rows && !error && <Loading />}
      {rows?.length === 0 && <Empty title={status ? "Nothing is so." : "Nothing has happened yet that it wants."} />}
      {rows && rows.length > 0 && <Table name="Deliveries" rows={rows} keyOf={idOf} columns={columnsOf(setLooked)} />}
      <MoreRows {...page} />
      {status === "given_up" && rows && rows.length > 0 && <AllAgain http={http} place={place} onDone={changed} />}
      {looked && (
        <DeliveryDialog
          http={http}
          address={`${place}/deliveries/${encodeURIComponent(looked)}`}
          onClose={() => setLooked(null)}
          onChanged={changed}
        />
      )}
    </Card>
  );
}

const columnsOf = (look: (id: string) => void): Column<ListedDelivery>[] => [
  { head: "Event", cell: ({ type }) => <code className="short">{type}</code> },
  { head: "When", cell: ({ occurred_at }) => <Ago moment={occurred_at} /> },
  { head: "Outcome", cell: ({ status }) => <Badge tone={STATUS_TONES[status]}>{STATUS_NAMES[status]}</Badge> },
  {
    head: "Last attempt",
    cell: (delivery) => (
      <>
        {answerTold(delivery)} <small className="muted">{triesTold(delivery)}</small>
      </>
    ),
  },
  {
    head: "",
    number: true,
    cell: ({ id, type }) => (
      <button type="button" aria-label={`Look at ${type}`} onClick={() => look(id)}>
        Look
      </button>
    ),
  },
];

/** Today by the clock alone. */
function soon(at: string): string {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return isToday ? new Date(at).toLocaleTimeString(undefined, { timeStyle: "short" }) : moment(at);
}

function triesTold({ attempts, tried_at, next_at }: ListedDelivery): string {
  const tries = attempts > 1 ? [`${attempts} attempts`] : [];
  return [...tries, ...(next_at && tried_at ? [`again ${soon(next_at)}`] : [])].join(", ");
}

/** Sends what was given up of the last two weeks again. */
function AllAgain({ http, place, onDone }: { http: Http; place: string; onDone: () => void }): ReactElement {
  const [count, setCount] = useState<number | null>(null);
  const again = useAction(async () => {
    const since = new Date(Date.now() - 14 * DAY_MS).toISOString();
    setCount((await http.post<Redelivered>(`${place}/redeliver`, { since })).deliveries);
    onDone();
  });
  return (
    <div className="buttons">
      <button type="button" disabled={again.busy} onClick={() => void again.run()}>
        Send all of these again
      </button>
      <span role="status">{count !== null && `${count.toLocaleString()} are sent again.`}</span>
      <Problem error={again.error} />
    </div>
  );
}
