import type { ImportProgress, ImportReport, RowError } from "../api/types";
import { csvText } from "../csv";

export type ImportEvent =
  | ({ type: "progress" } & ImportProgress)
  | ({ type: "error" } & RowError)
  | ({ type: "report" } & ImportReport)
  | { type: "started" }
  | { type: "failed"; error: { code: string; message: string } };

/** An import as far as it is known. */
export interface ImportRun {
  progress: ImportProgress | null;
  /** The first of the rows that were not taken. */
  errors: readonly RowError[];
  report: ImportReport | null;
  failure: { code: string; message: string } | null;
}

export const NOTHING_YET: ImportRun = { progress: null, errors: [], report: null, failure: null };

const MOST_ERRORS = 10_000;

/** The import after some more events. */
export function after(run: ImportRun, events: readonly ImportEvent[]): ImportRun {
  const errors: RowError[] = [];
  const next = { ...run };
  for (const event of events) {
    if (event.type === "error") errors.push(event);
    else if (event.type === "progress") next.progress = event;
    else if (event.type === "report") next.report = event;
    else if (event.type === "failed") next.failure = event.error;
  }
  if (errors.length > 0) next.errors = [...run.errors, ...errors].slice(0, MOST_ERRORS);
  return next;
}

/** Rows that were not taken, as a file to mend them by. */
export function errorsAsCsv(errors: readonly RowError[]): string {
  const rows = errors.map(({ line, column, code, message }) => [String(line), column ?? "", code, message]);
  return csvText([["line", "column", "code", "why"], ...rows]);
}
