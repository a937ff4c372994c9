import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import { ApiError, type Http } from "../api/http";
import { upload } from "../api/lines";
import type { ImportProgress, ImportReport, RowError } from "../api/types";
import { Card, Figure, Problem, Table, words } from "../parts";
import { linkTo } from "../router";

type Event =
  | ({ type: "progress" } & ImportProgress)
  | ({ type: "error" } & RowError)
  | ({ type: "report" } & ImportReport)
  | { type: "started" }
  | { type: "failed"; error: { code: string; message: string } };

const MOST_ERRORS = 200;

/** Brings leads in from a CSV file: tried first, if wished; every row that is not taken is told with its line. */
export function ImportCard({ http }: { http: Http }): ReactElement {
  const [file, setFile] = useState<File | null>(null);
  const [existing, setExisting] = useState("update");
  const [progress, setProgress] = useState<ImportProgress | null>(null);
  const [errors, setErrors] = useState<RowError[]>([]);
  const [report, setReport] = useState<ImportReport | null>(null);
  const begin = useAction(async (of: File, dryRun: boolean) => {
    setProgress(null);
    setErrors([]);
    setReport(null);
    const query = new URLSearchParams({ existing, dry_run: String(dryRun), source: of.name.slice(0, 300) || "file" });
    await upload<Event>(http, `/api/leads/import?${query}`, of, (event) => {
      if (event.type === "progress") setProgress(event);
      else if (event.type === "error")
        setErrors((before) => (before.length < MOST_ERRORS ? [...before, event] : before));
      else if (event.type === "report") setReport(event);
      else if (event.type === "failed") throw new ApiError(0, event.error.code, event.error.message);
    });
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (file) void begin.run(file, false);
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
          <input
            type="file"
            aria-label="CSV file"
            accept=".csv,.tsv,.txt,text/csv"
            onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          />
          <p className="buttons">
            <select aria-label="Known leads" value={existing} onChange={(event) => setExisting(event.target.value)}>
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
          </p>
        </form>
        <Problem error={begin.error} />
        <div aria-live="polite">
          {begin.busy && file && progress && <Bar progress={progress} bytes={file.size} />}
          {report && <Report report={report} />}
        </div>
      </Card>
      {errors.length > 0 && <Errors errors={errors} report={report} />}
    </>
  );
}

function Bar({ progress, bytes }: { progress: ImportProgress; bytes: number }): ReactElement {
  return (
    <p className="progress">
      <progress aria-label="Import" max={bytes} value={progress.bytes} />
      <small>{progress.rows.toLocaleString()} rows</small>
    </p>
  );
}

function Report({ report }: { report: ImportReport }): ReactElement {
  return (
    <>
      <p>
        <b>{report.dry_run ? "Nothing was written. This would happen:" : "Done."}</b>
      </p>
      <dl className="figures">
        <Figure name="Rows" value={report.rows.toLocaleString()} />
        <Figure name="New" value={report.created.toLocaleString()} />
        <Figure name="Updated" value={report.updated.toLocaleString()} />
        <Figure name="Unchanged" value={report.unchanged.toLocaleString()} />
        <Figure name="Skipped" value={report.skipped.toLocaleString()} />
        <Figure name="Not taken" value={report.failed.toLocaleString()} />
      </dl>
      <p className="muted">
        Read as{" "}
        {Object.entries(report.columns)
          .map(([column, field]) => `${column} → ${words(field)}`)
          .join(", ")}
        {report.custom_columns.length > 0 && `; kept beside it: ${report.custom_columns.join(", ")}`}.
      </p>
    </>
  );
}

function Errors({ errors, report }: { errors: RowError[]; report: ImportReport | null }): ReactElement {
  const more = (report?.failed ?? errors.length) - errors.length;
  return (
    <Card title="Rows that were not taken" aside={more > 0 ? <small>and {more.toLocaleString()} more</small> : null}>
      <Table name="Rows that were not taken" heads={["Line", "Column", "Why"]}>
        {errors.map((error) => (
          <tr key={`${error.line}/${error.column}/${error.code}`}>
            <td>{error.line}</td>
            <td>{error.column ?? "–"}</td>
            <td>
              {error.message} <small>{error.code}</small>
            </td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}
