import { type FormEvent, type ReactElement, useCallback, useState } from "react";
import { useAction } from "../action";
import { AgentChoice, useAgents } from "../agent/choice";
import type { Http } from "../api/http";
import type { PhoneCall } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { ConsentFields, consentBody, isComplete, NO_CONSENT_YET } from "../consents/fields";
import { Field } from "../field";
import { Card, Problem } from "../parts";
import { callName } from "./names";
import { useRecord } from "./record";
import { Standing } from "./standing";

interface Props {
  http: Http;
  onCalled: () => void;
}

/** Calls a number now; what is on record about it is shown first, and the consent that lacks is asked for. */
export function DialCard({ http, onCalled }: Props): ReactElement {
  const [number, setNumber] = useState("");
  const [purpose, setPurpose] = useState("");
  const [agent, setAgent] = useState("");
  const agents = useAgents(http);
  const [consent, setConsent] = useState(NO_CONSENT_YET);
  const record = useRecord(http, number);
  const { again } = record;
  const dial = useAction(
    useCallback(
      async (to: string, why: string, by: string, agreed: Record<string, string> | null) => {
        try {
          if (agreed) {
            await http.send("PUT", `/api/consents/${encodeURIComponent(to)}`, { body: agreed });
            setConsent(NO_CONSENT_YET);
          }
          await http.post<PhoneCall>("/api/calls", { to, ...(why && { purpose: why }), ...(by && { agent: by }) });
        } finally {
          again();
          onCalled();
        }
      },
      [http, again, onCalled],
    ),
  );
  const lacks = record.permission?.kind === "unasked";
  const ready = record.permission !== null && (lacks ? isComplete(consent) : record.permission.kind === "given");
  const call = (): void => void dial.run(number.trim(), purpose.trim(), agent, lacks ? consentBody(consent) : null);
  return (
    <Card title="Call somebody">
      <form className="form two" onSubmit={(event: FormEvent) => event.preventDefault()}>
        <Field label="Number" type="tel" placeholder="+14155550132" value={number} onChange={setNumber} />
        <Field
          label="Why: “I'm calling about …”"
          maxLength={200}
          placeholder="your trial"
          value={purpose}
          onChange={setPurpose}
        />
        <AgentChoice agents={agents} value={agent} onChange={setAgent} />
        <div className="wide record" role="status">
          <Standing record={record} number={number.trim()} />
          {!record.permission && !record.error && (
            <p className="muted">With its country code. What is on record about it shows up here before you call.</p>
          )}
        </div>
        {lacks && (
          <fieldset className="wide box">
            <legend>Record their consent</legend>
            <ConsentFields values={consent} onChange={setConsent} enough={record.enough} />
          </fieldset>
        )}
        <div className="buttons wide">
          <ConfirmButton
            question={`Call ${number.trim()} now?`}
            yes="Call"
            disabled={dial.busy || !ready}
            onConfirm={call}
          >
            {dial.busy ? "Calling…" : lacks ? "Record and call" : "Call"}
          </ConfirmButton>
        </div>
        <Problem error={dial.error ? callName(dial.error) : record.error} />
      </form>
    </Card>
  );
}
