import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import { callName } from "../calls/names";
import { useRecord } from "../calls/record";
import { Dialog } from "../dialog";
import { Problem } from "../parts";
import { linkTo } from "../router";
import { ConsentFields, consentBody, isComplete, NO_CONSENT_YET } from "./fields";

interface Props {
  http: Http;
  /** Whose it is, as they are called. */
  name: string;
  number: string;
  /** What is done once they may be called, such as `call`; `now`: without a consent being recorded. */
  then: { recorded: string; now: string; run: () => Promise<unknown> };
  /** Something was tried, whatever came of it. */
  onDone?: () => void;
  onClose: () => void;
}

/** Records the consent that lacks, and goes on with what it was lacking for. */
export function ConsentThen({ http, name, number, then, onDone, onClose }: Props): ReactElement {
  const [values, setValues] = useState(NO_CONSENT_YET);
  const record = useRecord(http, number);
  const lacks = record.permission?.kind === "unasked";
  const act = useAction(async (goesOn: boolean) => {
    if (lacks) {
      await http.send("PUT", `/api/consents/${encodeURIComponent(number)}`, { body: consentBody(values) });
      record.again();
    }
    try {
      if (goesOn) await then.run();
    } finally {
      onDone?.();
    }
    onClose();
  });
  const ready = !act.busy && (lacks ? isComplete(values) : record.permission?.kind === "given");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void act.run(true);
  };
  return (
    <Dialog title={`Consent of ${name}`} onClose={onClose}>
      <form className="form two" onSubmit={submit}>
        <p className="wide" role="status">
          {record.permission ? record.permission.text : !record.error && "Looking…"}
        </p>
        {lacks && <ConsentFields values={values} onChange={setValues} enough={record.enough} />}
        {record.permission?.kind === "suppressed" || record.permission?.kind === "unwanted" ? (
          <p className="wide">
            Nobody may call {number}: <a href={linkTo("do_not_call", number)}>see the do-not-call list</a>.
          </p>
        ) : (
          <p className="buttons wide">
            <button type="submit" className="primary" disabled={!ready}>
              {act.busy ? "One moment…" : lacks ? then.recorded : then.now}
            </button>
            {lacks && (
              <button type="button" disabled={!ready} onClick={() => void act.run(false)}>
                Record only
              </button>
            )}
          </p>
        )}
        <Problem error={act.error ? callName(act.error) : record.error} />
      </form>
    </Dialog>
  );
}
