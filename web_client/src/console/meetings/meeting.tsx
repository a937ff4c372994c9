import { type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { Booking } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { Badge, Problem } from "../parts";
import { linkTo } from "../router";
import { saveFile } from "../save_file";
import { clock } from "./days";
import { FreeTime } from "./free";

interface Props {
  http: Http;
  meeting: Booking;
  /** What it is put under; unset: its time. */
  heading?: string;
  onChanged: () => void;
}

const MINUTE_MS = 60_000;

/** What is to be known of the mail to the attendee: nothing where it went out. */
const INVITATIONS: Partial<Record<Booking["invitation"], string>> = {
  unknown: "Not known whether the mail to them went out: ask them.",
  failed: "The mail to them did not go out: tell them.",
};

/** One meeting: with whom, what it came of, and what can be done with it. */
export function Meeting({ http, meeting, heading, onChanged }: Props): ReactElement {
  const { id, start, end, status, name, company, email, notes, lead_id, conversation_id, invitation } = meeting;
  const [moving, setMoving] = useState(false);
  const [to, setTo] = useState("");
  const minutes = Math.round((Date.parse(end) - Date.parse(start)) / MINUTE_MS);
  const place = `/api/bookings/${encodeURIComponent(id)}`;
  const cancel = useAction(async () => {
    await http.post(`${place}/cancel`);
    onChanged();
  });
  const move = useAction(async () => {
    // They may have another one, too.
    const whose = lead_id ? { lead_id } : { email };
    await http.post("/api/bookings", { start: to, duration_minutes: minutes, ...whose, moves: id });
    setMoving(false);
    onChanged();
  });
  const save = useAction(async () => {
    const file = await http.open("GET", `${place}/invitation.ics`);
    saveFile("invitation.ics", await file.blob());
  });
  const who = [name, company].filter(Boolean).join(", ") || email || "Somebody";
  const isOpen = status === "booked" && Date.parse(start) > Date.now();
  return (
    <li data-status={status}>
      <p className="meeting-time">
        <time dateTime={start}>{heading ?? clock(start)}</time> <small>{minutes} min</small>
      </p>
      <div>
        <p>
          {lead_id ? <a href={linkTo("leads", lead_id)}>{who}</a> : <b>{who}</b>}{" "}
          {status !== "booked" && <Badge tone="off">{status}</Badge>}
        </p>
        <p className="muted">
          {[who !== email && email, notes].filter(Boolean).join(" · ")}{" "}
          {conversation_id && <a href={linkTo("conversations", conversation_id)}>Booked in a conversation</a>}
        </p>
        {Date.parse(end) > Date.now() && INVITATIONS[invitation] && (
          <p className="muted">
            <Badge tone="degraded">{INVITATIONS[invitation]}</Badge> {meeting.invitation_error}
          </p>
        )}
        {moving && (
          <div className="move">
            <FreeTime http={http} minutes={minutes} value={to} onChange={setTo} />
            <p className="buttons">
              <button type="button" className="primary" disabled={!to || move.busy} onClick={() => void move.run()}>
                Move it
              </button>
              <button type="button" onClick={() => setMoving(false)}>
                Leave it
              </button>
            </p>
          </div>
        )}
        <Problem error={cancel.error ?? move.error ?? save.error} />
      </div>
      {isOpen && !moving && (
        <div className="buttons">
          {(lead_id || email) && (
            <button type="button" onClick={() => setMoving(true)}>
              Move
            </button>
          )}
          <button type="button" disabled={save.busy} onClick={() => void save.run()}>
            Calendar file
          </button>
          <ConfirmButton
            question="They are told so."
            yes="Call it off"
            disabled={cancel.busy}
            onConfirm={() => void cancel.run()}
          >
            Call off
          </ConfirmButton>
        </div>
      )}
    </li>
  );
}
