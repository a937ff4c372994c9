import { type ReactElement, useCallback, useState } from "react";
import type { Http } from "../api/http";
import type { Booking, Page } from "../api/types";
import { MoreRows } from "../more_rows";
import { type Paged, usePages } from "../paging";
import { Card, Empty, Loading, Problem } from "../parts";
import { byDay } from "./days";
import { Meeting } from "./meeting";

const EVERY_MS = 10_000;
const LIMIT = 50;
const DAY_MS = 86_400_000;
const PAST_DAYS = 30;

export type When = "coming" | "past";

export interface Agenda {
  when: When;
  setWhen: (when: When) => void;
  page: Paged<Booking>;
}

const idOf = ({ id }: Booking): string => id;

/** Meetings to come, or those of the last days. */
export function useAgenda(http: Http): Agenda {
  const [when, setWhen] = useState<When>("coming");
  const page = usePages(
    useCallback(
      (cursor: string | null) => {
        const now = Date.now();
        const range = when === "past" && {
          from: new Date(now - PAST_DAYS * DAY_MS).toISOString(),
          to: new Date(now).toISOString(),
        };
        return http.get<Page<Booking>>("/api/bookings", { limit: LIMIT, cursor, ...range });
      },
      [http, when],
    ),
    idOf,
    EVERY_MS,
  );
  return { when, setWhen, page };
}

/** Meetings day by day, soonest first. */
export function AgendaCard({ http, agenda: { when, setWhen, page } }: { http: Http; agenda: Agenda }): ReactElement {
  const { rows, error } = page;
  return (
    <Card
      title="Meetings"
      aside={
        <select aria-label="Which meetings" value={when} onChange={(event) => setWhen(event.target.value as When)}>
          <option value="coming">To come</option>
          <option value="past">Of the last {PAST_DAYS} days</option>
        </select>
      }
    >
      <Problem error={error} />
      {!rows && !error && <Loading />}
      {rows?.length === 0 && (
        <Empty title={when === "coming" ? "No meeting is coming." : `None in the last ${PAST_DAYS} days.`}>
          <p>The agent books them in conversations, within the office's hours; you can book one here.</p>
        </Empty>
      )}
      {byDay(rows ?? []).map(({ day, items }) => (
        <section key={day} className="agenda" aria-label={day}>
          <h3>{day}</h3>
          <ul>
            {items.map((meeting) => (
              <Meeting key={meeting.id} http={http} meeting={meeting} onChanged={page.again} />
            ))}
          </ul>
        </section>
      ))}
      <MoreRows {...page} />
    </Card>
  );
}
