import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { DoNotCallImport, SuppressedNumber } from "../api/types";
import { useRecord } from "../calls/record";
import { Field } from "../field";
import { FileDrop } from "../file_drop";
import { Badge, Card, Problem } from "../parts";
import { linkTo } from "../router";
import { TakeOff } from "./list";

interface Props {
  http: Http;
  onAdded: () => void;
}

interface AddProps extends Props {
  /** The number that somebody came to see; empty: none. */
  named: string;
  onGone: (number: string) => void;
}

/** Looks a number up, puts it on the list, and takes it off. */
export function AddNumberCard({ http, named, onAdded, onGone }: AddProps): ReactElement {
  const [number, setNumber] = useState(named);
  const [reason, setReason] = useState("");
  const record = useRecord(http, number);
  const add = useAction(async () => {
    const body = { number: number.trim(), ...(reason.trim() && { reason: reason.trim() }) };
    await http.post<SuppressedNumber>("/api/do-not-call", body);
    setReason("");
    record.again();
    onAdded();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void add.run();
  };
  const isOn = record.permission?.kind === "suppressed";
  return (
    <Card title="Look up a number, or enter it">
      <form className="form two" onSubmit={submit}>
        <Field label="Number" type="tel" placeholder="+14155550132" value={number} onChange={setNumber} />
        <Field label="Why" maxLength={500} placeholder="Asked by letter" value={reason} onChange={setReason} />
        <div className="wide record" role="status">
          {record.permission && (
            <p>
              <Badge tone={isOn ? "down" : "off"}>{isOn ? "On the list" : "Not on the list"}</Badge>{" "}
              <small>{record.permission.text}</small>{" "}
              {record.entry?.lead_id && <a href={linkTo("leads", record.entry.lead_id)}>Whose it is</a>}{" "}
              {record.entry?.conversation_id && (
                <a href={linkTo("conversations", record.entry.conversation_id)}>What was said</a>
              )}
            </p>
          )}
          {isOn && record.entry && (
            <TakeOff
              http={http}
              row={record.entry}
              onGone={(gone) => {
                record.again();
                onGone(gone);
              }}
            />
          )}
        </div>
        <p className="buttons wide">
          <button type="submit" className="primary" disabled={add.busy || !number.trim() || isOn}>
            {add.busy ? "Entering…" : "Do not call it"}
          </button>
        </p>
        <Problem error={add.error ?? record.error} />
      </form>
    </Card>
  );
}

const TIMEOUT_MS = 60_000;

/** Puts many numbers on the list, from a file. */
export function ImportNumbersCard({ http, onAdded }: Props): ReactElement {
  const [file, setFile] = useState<File | null>(null);
  const [report, setReport] = useState<DoNotCallImport | null>(null);
  const take = useAction(async (of: File) => {
    setReport(null);
    const raw = { body: of, type: "text/csv" };
    const query = { reason: `From ${of.name}`.slice(0, 500) };
    setReport(
      await http.send<DoNotCallImport>("POST", "/api/do-not-call/import", { raw, query, timeoutMs: TIMEOUT_MS }),
    );
    setFile(null);
    onAdded();
  });
  return (
    <Card title="Enter many">
      <div className="form">
        <p className="muted">A number a line, or a CSV file with a number in each; a heading does no harm.</p>
        <FileDrop
          label="File of numbers"
          accept=".csv,.tsv,.txt,text/csv,text/plain"
          file={file}
          disabled={take.busy}
          onFile={setFile}
        />
        <p className="buttons">
          <button
            type="button"
            className="primary"
            disabled={!file || take.busy}
            onClick={() => file && void take.run(file)}
          >
            {take.busy ? "Entering…" : "Enter them"}
          </button>
        </p>
        <Problem error={take.error} />
        <div role="status">{report && <Report report={report} />}</div>
      </div>
    </Card>
  );
}

function Report({ report: { added, present, unreadable, errors } }: { report: DoNotCallImport }): ReactElement {
  return (
    <>
      <p>
        <b>Done.</b> {added.toLocaleString()} entered, {present.toLocaleString()} were on it before
        {unreadable > 0 && `, ${unreadable.toLocaleString()} lines without a number`}.
      </p>
      {errors.length > 0 && <p className="muted">Lines {errors.map(({ line }) => line).join(", ")}.</p>}
    </>
  );
}
