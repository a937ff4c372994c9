import type { ReactElement } from "react";
import type { PageProps } from "../app";
import { AgendaCard, useAgenda } from "../meetings/agenda";
import { BookCard } from "../meetings/book";

/** Meetings that were booked: day by day, moved, called off, and one more. */
export function MeetingsPage({ http }: PageProps): ReactElement {
  const agenda = useAgenda(http);
  return (
    <div className="agenda-columns">
      <AgendaCard http={http} agenda={agenda} />
      <BookCard http={http} onBooked={agenda.page.again} />
    </div>
  );
}
