import { type FormEvent, type ReactElement, useEffect, useRef, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { ConsentKind, ConsentRecord } from "../api/types";
import { useRecord } from "../calls/record";
import { Field } from "../field";
import { Card, Problem } from "../parts";
import { ConsentFields, consentBody, isComplete, NO_CONSENT_YET } from "./fields";

interface Props {
  http: Http;
  number: string;
  onNumber: (number: string) => void;
  onRecorded: () => void;
}

const KINDS: readonly ConsentKind[] = ["express_written", "express", "existing_relationship", "none"];

/** Records that somebody agreed to be called, or does not any more; what is on record so far is shown first. */
export function RecordCard({ http, number, onNumber, onRecorded }: Props): ReactElement {
  const [values, setValues] = useState(NO_CONSENT_YET);
  const [done, setDone] = useState<string | null>(null);
  const record = useRecord(http, number);
  const place = useRef<HTMLDivElement>(null);
  const put = useAction(async () => {
    const path = `/api/consents/${encodeURIComponent(number.trim())}`;
    const { number: of } = await http.send<ConsentRecord>("PUT", path, { body: consentBody(values) });
    setValues(NO_CONSENT_YET);
    setDone(of);
    record.again();
    onRecorded();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void put.run();
  };
  useEffect(() => {
    if (number) place.current?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }, [number]);
  return (
    <div ref={place}>
      <Card title="Record a consent">
        <form className="form two" onSubmit={submit}>
          <Field
            label="Number"
            type="tel"
            placeholder="+14155550132"
            value={number}
            onChange={(value) => {
              setDone(null);
              onNumber(value);
            }}
          />
          <p className="record" role="status">
            {record.permission && <small>{record.permission.text}</small>}
            {done && <small> Recorded for {done}.</small>}
          </p>
          <ConsentFields values={values} onChange={setValues} kinds={KINDS} enough={record.enough} />
          <p className="buttons wide">
            <button type="submit" className="primary" disabled={put.busy || !number.trim() || !isComplete(values)}>
              {put.busy ? "Recording…" : "Record"}
            </button>
            <small>The newest record counts; one that was taken back ends it at once.</small>
          </p>
          <Problem error={put.error ?? record.error} />
        </form>
      </Card>
    </div>
  );
}
