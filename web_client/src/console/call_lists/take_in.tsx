import { type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { CallListEntry } from "../api/types";
import { ConsentThen } from "../consents/then";
import { nameOf } from "../conversations/identity";
import { Problem } from "../parts";
import { linkTo } from "../router";

export interface NextProps {
  http: Http;
  place: string;
  isOver: boolean;
  entry: CallListEntry;
  /** They are called after all. */
  onChanged: (id: string) => void;
}

/** What lets somebody be called who is left out, or was not permitted. */
export function Next({ http, place, isOver, entry, onChanged }: NextProps): ReactElement | null {
  const [asking, setAsking] = useState(false);
  const takeIn = async (): Promise<void> => {
    await http.send("POST", `${place}/entries/${encodeURIComponent(entry.id)}/again`);
    onChanged(entry.id);
  };
  const again = useAction(takeIn);
  const { lead_id, contact_phone, result } = entry;
  const reason = entry.reason ?? (result === "do_not_call" ? result : null);
  if (!lead_id || !(entry.status === "left_out" || result === "refused" || result === "do_not_call")) return null;
  return (
    <>
      {reason === "no_consent" && contact_phone && (
        <button type="button" onClick={() => setAsking(true)}>
          Record their consent
        </button>
      )}
      {asking && contact_phone && (
        <ConsentThen
          http={http}
          name={nameOf(entry) ?? contact_phone}
          number={contact_phone}
          then={
            isOver
              ? { recorded: "Record and call now", now: "Call now", run: () => http.post("/api/calls", { lead_id }) }
              : { recorded: "Record, and call them", now: "Call them", run: takeIn }
          }
          onClose={() => setAsking(false)}
        />
      )}
      {reason === "do_not_call" && contact_phone && <a href={linkTo("do_not_call", contact_phone)}>See the entry</a>}
      {reason === "no_phone" && <a href={linkTo("leads", lead_id, "edit")}>Give their number</a>}
      {reason === "time_zone_unknown" && <a href={linkTo("leads", lead_id, "edit")}>Give their time zone</a>}{" "}
      {!isOver && reason !== "no_consent" && reason !== "same_number" && (
        <button type="button" disabled={again.busy} onClick={() => void again.run()}>
          Call them after all
        </button>
      )}
      <Problem error={again.error} />
    </>
  );
}
