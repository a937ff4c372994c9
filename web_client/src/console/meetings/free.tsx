import { type ReactElement, useCallback, useId, useState } from "react";
import { useLoad } from "../action";
import type { Http } from "../api/http";
import type { FreeTimes } from "../api/types";
import { Problem } from "../parts";
import { byDay, clock } from "./days";

interface Props {
  http: Http;
  minutes: number;
  value: string;
  onChange: (start: string) => void;
}

const MOST = 200;

/** Times at which a meeting can begin, by day, in the reader's time zone. */
export function FreeTime({ http, minutes, value, onChange }: Props): ReactElement {
  const id = useId();
  const [free, setFree] = useState<FreeTimes | null>(null);
  const { error } = useLoad(
    useCallback(
      async (isWanted: () => boolean) => {
        const found = await http.get<FreeTimes>("/api/bookings/free", { duration_minutes: minutes, limit: MOST });
        if (isWanted()) setFree(found);
      },
      [http, minutes],
    ),
  );
  const unknown = error ? "Not known" : "Looking…";
  const toChoose = free ? (free.items.length ? "Choose a free time" : "No time is free") : unknown;
  return (
    <div className="field">
      <label htmlFor={id}>When</label>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{toChoose}</option>
        {byDay(free?.items ?? []).map(({ day, items }) => (
          <optgroup key={day} label={day}>
            {items.map(({ start }) => (
              <option key={start} value={start}>
                {day}, {clock(start)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <Problem error={error} />
    </div>
  );
}
