import { type FormEvent, type ReactElement, useEffect, useRef, useState } from "react";
import { useAction } from "../action";
import { ApiError, type Http } from "../api/http";
import { upload } from "../api/lines";
import type { ImportProgress, ImportReport } from "../api/types";
import { bytes } from "../bytes";
import { FileDrop } from "../file_drop";
import { Card, Figure, Problem, words } from "../parts";
import { linkTo } from "../router";
import { after, type ImportEvent, type ImportRun, NOTHING_YET } from "./import_run";
import { RefusedRows } from "./refused_rows";

/** Brings leads in from a CSV file: tried first, if wished; every row that is not taken is told with its line. */
export function ImportCard({ http }: { http: Http }): ReactElement {
  const [file, setFile] = useState<File | null>(null);
  const [existing, setExisting] = useState("update");
  const [run, setRun] = useState<ImportRun>(NOTHING_YET);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const begin = useAction(async (of: File, dryRun: boolean) => {
    let state = NOTHING_YET;
    setRun(state);
    const controller = new AbortController();
    stop.current = controller;
    const query = new URLSearchParams({ existing, dry_run: String(dryRun), source: of.name.slice(0, 300) || "file" });
    const tell = (events: ImportEvent[]): void => {
      state = after(state, events);
      setRun(state);
    };
    await upload(http, `/api/leads/import?${query}`, of, tell, controller.signal);
    if (state.failure) throw new ApiError(0, state.failure.code, state.failure.message);
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (file) void begin.run(file, false);
  };
  const choose = (chosen: File): void => {
    setFile(chosen);
    setRun(NOTHING_YET);
    begin.forget();
  };
  return (
    <>
      <p>
        <a href={linkTo("leads")}>← All leads</a>
      </p>
      <Card title="Import leads">
        <form className="form" onSubmit={submit}>
          <p className="muted">
            A CSV file whose first line names the columns, as CRMs and spreadsheets export it: company, name, e-mail,
            title, phone and so on. A lead is known by its e-mail address; columns that are no field of a lead are kept
            beside it.
          </p>
          <FileDrop
            label="CSV file"
            accept=".csv,.tsv,.txt,text/csv"
            file={file}
            disabled={begin.busy}
            onFile={choose}
          />
          <p className="buttons">
            <select
              aria-label="Known leads"
              value={existing}
              disabled={begin.busy}
              onChange={(event) => setExisting(event.target.value)}
            >
              <option value="update">Known leads: update them</option>
              <option value="fill">Known leads: fill what is empty</option>
              <option value="skip">Known leads: leave them alone</option>
            </select>
            <button type="button" disabled={!file || begin.busy} onClick={() => file && void begin.run(file, true)}>
              Try it out
            </button>
            <button type="submit" className="primary" disabled={!file || begin.busy}>
              {begin.busy ? "Importing…" : "Import"}
            </button>
            {begin.busy && (
              <button type="button" onClick={() => stop.current?.abort()}>
                Stop
              </button>
            )}
          </p>
        </form>
        <Problem error={begin.error} />
        <div aria-live="polite">
          {begin.busy && file && <Bar progress={run.progress} size={file.size} />}
          {run.report && <Report report={run.report} />}
        </div>
      </Card>
      {run.errors.length > 0 && (
        <RefusedRows errors={run.errors} all={run.report?.failed ?? run.progress?.failed ?? 0} />
      )}
    </>
  );
}

function Bar({ progress, size }: { progress: ImportProgress | null; size: number }): ReactElement {
  return (
    <div className="progress">
      <progress aria-label="Import" max={size} {...(progress ? { value: progress.bytes } : {})} />
      {progress && (
        <small>
          {bytes(progress.bytes)} of {bytes(size)} · {progress.rows.toLocaleString()} rows
          {progress.failed > 0 && ` · ${progress.failed.toLocaleString()} not taken`}
        </small>
      )}
    </div>
  );
}

function Report({ report }: { report: ImportReport }): ReactElement {
  const { dry_run, rows, created, updated, unchanged, skipped, failed } = report;
  const { columns, custom_columns, encoding, encoding_examples } = report;
  const counts = { New: created, Updated: updated, Unchanged: unchanged, Skipped: skipped, "Not taken": failed };
  return (
    <div className="report">
      <p>
        <b>{dry_run ? "Nothing was written. This would happen:" : "Done."}</b>{" "}
        {!dry_run && created + updated > 0 && <a href={linkTo("leads")}>See the leads</a>}
      </p>
      <dl className="figures">
        <Figure name="Rows" value={rows.toLocaleString()} />
        {Object.entries(counts).map(([name, count]) => (
          <Figure key={name} name={name} value={count.toLocaleString()} />
        ))}
      </dl>
      <p className="muted">
        Read as{" "}
        {Object.entries(columns)
          .map(([column, field]) => `${column} → ${words(field)}`)
          .join(", ")}
        {custom_columns.length > 0 && `; kept beside it: ${custom_columns.join(", ")}`}.
      </p>
      {encoding_examples.length > 0 && (
        <p className="muted">
          The letters are guessed to be {encoding}: {encoding_examples.join(", ")}. If they are wrong, save the file as
          UTF-8 and import it again.
        </p>
      )}
    </div>
  );
}
