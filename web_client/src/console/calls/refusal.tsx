import { type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { PhoneCall } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { ConsentThen } from "../consents/then";
import { capital, Problem } from "../parts";
import { linkTo } from "../router";
import { moment } from "../times";
import { callName, codeName, MAY_TRY_AGAIN } from "./names";

interface Props {
  http: Http;
  call: Pick<PhoneCall, "to" | "lead_id" | "status" | "code" | "message" | "retry_at" | "purpose">;
  /** As they are called. */
  name: string;
  onChanged: () => void;
}

/** Why a call was not made, and what a person can do about it here. */
export function WhyNotMade({ http, call, name, onChanged }: Props): ReactElement | null {
  const { code, message, retry_at, to, lead_id } = call;
  if (!code && !message) return null;
  const permitted = retry_at !== null && Date.parse(retry_at) <= Date.now();
  return (
    <div className="why">
      <small>{whyTold(call)}</small>{" "}
      {retry_at && !permitted && (
        <small>
          Permitted from <time dateTime={retry_at}>{moment(retry_at)}</time> by your clock.
        </small>
      )}
      {code === "no_consent" && <RecordConsent http={http} call={call} name={name} onChanged={onChanged} />}
      {code === "do_not_call" && <a href={linkTo("do_not_call", to)}>See the entry</a>}
      {code === "outside_calling_hours" && !retry_at && lead_id && (
        <a href={linkTo("leads", lead_id, "edit")}>Give their time zone</a>
      )}
      {code === "number_invalid" && lead_id && <a href={linkTo("leads", lead_id, "edit")}>Correct the number</a>}
      {(permitted || MAY_TRY_AGAIN.has(code ?? "")) && (
        <CallAgain http={http} call={call} name={name} onChanged={onChanged} />
      )}
    </div>
  );
}

/** A person reads what they can do, and no path of the API. */
function whyTold({ code, message, retry_at }: Props["call"]): ReactElement {
  if (code === "no_consent") return <>No consent is on record that permits it.</>;
  if (code === "outside_calling_hours" && retry_at) return <>It was not the hour to call there.</>;
  return <>{message || capital(codeName(code ?? ""))}</>;
}

const asked = ({ to, lead_id, purpose }: Props["call"]): Record<string, string> => ({
  to,
  ...(lead_id && { lead_id }),
  ...(purpose && { purpose }),
});

function RecordConsent({ http, call, name, onChanged }: Props): ReactElement {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Record their consent
      </button>
      {open && (
        <ConsentThen
          http={http}
          name={name}
          number={call.to}
          then={{
            recorded: "Record and call now",
            now: "Call now",
            run: () => http.post("/api/calls", asked(call)),
          }}
          onDone={onChanged}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

function CallAgain({ http, call, name, onChanged }: Props): ReactElement {
  const dial = useAction(async () => {
    try {
      await http.post("/api/calls", asked(call));
    } finally {
      onChanged();
    }
  });
  return (
    <>
      <ConfirmButton question={`Call ${name} now?`} yes="Call" disabled={dial.busy} onConfirm={() => void dial.run()}>
        Call again
      </ConfirmButton>
      <Problem error={dial.error && callName(dial.error)} />
    </>
  );
}
