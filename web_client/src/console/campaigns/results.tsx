import type { ReactElement } from "react";
import type { CampaignFigures, DayResults, Variant } from "../api/types";
import { DayBars } from "../charts/day_bars";
import { everyDay } from "../charts/every_day";
import { type Column, Table } from "../table";

const NOTHING = { sent: 0, replied: 0, unsubscribed: 0, bounced: 0, booked: 0 };
const percent = (part: number): string => `${(100 * part).toFixed(part < 0.1 ? 1 : 0)} %`;
const letter = (variant: number): string => String.fromCharCode(65 + variant);

/** What came of a campaign, by day and by subject. */
export function Results({ figures: { days, variants, winner } }: { figures: CampaignFigures }): ReactElement {
  const all = everyDay<DayResults>(days[0]?.day ?? "", days.at(-1)?.day ?? "", days, NOTHING);
  const sum = (what: keyof typeof NOTHING): number => days.reduce((total, day) => total + day[what], 0);
  return (
    <>
      <ul className="part-keys">
        <li>
          Sent <b>{sum("sent").toLocaleString()}</b>
        </li>
        <li>
          Replied <b>{sum("replied").toLocaleString()}</b>
        </li>
        <li>
          Booked <b>{sum("booked").toLocaleString()}</b>
        </li>
        <li>
          Unsubscribed <b>{sum("unsubscribed").toLocaleString()}</b>
        </li>
        <li>
          Bounced <b>{sum("bounced").toLocaleString()}</b>
        </li>
      </ul>
      <DayBars
        title="Sent by day, and how many replied or booked"
        mark={(size) => size.toLocaleString()}
        bars={all.map((day) => ({
          day: day.day,
          size: Math.max(day.sent, day.replied + day.booked),
          part: day.replied + day.booked,
          told: `${day.sent} sent, ${day.replied} replied, ${day.booked} booked, ${day.unsubscribed} unsubscribed`,
        }))}
      />
      {variants.length > 1 && (
        <>
          <h3>Subjects</h3>
          <p className="muted">
            {winner === null
              ? "None is answered more than the others beyond chance, so far."
              : `${letter(winner)} is answered more than the others, beyond chance.`}
          </p>
          <Table name="Subjects" rows={variants} keyOf={({ variant }) => String(variant)} columns={COLUMNS} />
        </>
      )}
    </>
  );
}

const COLUMNS: Column<Variant>[] = [
  {
    head: "Subject",
    cell: ({ variant, subject }) => (
      <>
        <b>{letter(variant)}</b> {subject && <small>such as “{subject}”</small>}
      </>
    ),
  },
  { head: "People", cell: ({ people }) => people.toLocaleString() },
  {
    head: "Replied",
    cell: ({ replied, reply_rate, reply_rate_low, reply_rate_high }) => (
      <>
        {percent(reply_rate)} <small>({replied.toLocaleString()})</small>
        <span
          className="interval"
          role="img"
          aria-label={`Between ${percent(reply_rate_low)} and ${percent(reply_rate_high)}`}
        >
          <i style={{ left: `${100 * reply_rate_low}%`, right: `${100 * (1 - reply_rate_high)}%` }} />
          <b style={{ left: `${100 * reply_rate}%` }} />
        </span>
      </>
    ),
  },
  { head: "Booked", cell: ({ booked }) => booked.toLocaleString() },
  { head: "Unsubscribed", minor: true, cell: ({ unsubscribed }) => unsubscribed.toLocaleString() },
];
