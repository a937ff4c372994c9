import { type ReactElement, useCallback } from "react";
import type { Http } from "../api/http";
import type { CallListFigures } from "../api/types";
import { HourBars } from "../calls/hours";
import { Card, Problem } from "../parts";
import { usePolling } from "../polling";
import { RESULT_NAMES, reasonName } from "./names";

const SOON_MS = 3_000;
const EVERY_MS = 15_000;

interface Props {
  http: Http;
  place: string;
  isBusy: boolean;
}

/** What came of the people of a list, and at which hours they were called. */
export function FiguresCard({ http, place, isBusy }: Props): ReactElement | null {
  const { value, error } = usePolling(
    useCallback(() => {
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
      return http.get<CallListFigures>(`${place}/figures`, { time_zone: timeZone });
    }, [http, place]),
    isBusy ? SOON_MS : EVERY_MS,
  );
  if (!error && !(value && (value.calls > 0 || value.results.length > 0))) return null;
  return (
    <Card title="What came of it">
      <Problem error={error} />
      {value && value.results.length > 0 && <People results={value.results} />}
      {value && value.calls > 0 && <HourBars hours={value.hours} />}
    </Card>
  );
}

function People({ results }: Pick<CallListFigures, "results">): ReactElement {
  const most = Math.max(...results.map(({ people }) => people));
  return (
    <dl className="result-bars">
      {results.map(({ result, reason, people }) => (
        <div key={`${result} ${reason}`}>
          <dt>
            {RESULT_NAMES[result]}
            {reason && <small> {reasonName(reason)}</small>}
          </dt>
          <dd>
            <i data-result={result} style={{ width: `${(100 * people) / most}%` }} />
            <b>{people.toLocaleString()}</b>
          </dd>
        </div>
      ))}
    </dl>
  );
}
