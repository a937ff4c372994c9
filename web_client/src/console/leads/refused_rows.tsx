import type { ReactElement } from "react";
import type { RowError } from "../api/types";
import { Card } from "../parts";
import { saveFile } from "../save_file";
import { type Column, Table } from "../table";
import { errorsAsCsv } from "./import_run";

const MOST_SHOWN = 200;

const COLUMNS: Column<RowError>[] = [
  { head: "Line", number: true, cell: ({ line }) => line.toLocaleString() },
  { head: "Column", text: true, cell: ({ column }) => column ?? "–" },
  { head: "Why", cell: ({ message }) => message },
];

interface Props {
  errors: readonly RowError[];
  /** How many rows were not taken in all. */
  all: number;
}

/** The rows of a file that were not taken, and why; to be mended and brought again. */
export function RefusedRows({ errors, all }: Props): ReactElement {
  const shown = errors.slice(0, MOST_SHOWN);
  const more = Math.max(all, errors.length) - shown.length;
  return (
    <Card
      title="Rows that were not taken"
      aside={
        <button
          type="button"
          onClick={() => saveFile("rows-not-taken.csv", new Blob([errorsAsCsv(errors)], { type: "text/csv" }))}
        >
          Save this list
        </button>
      }
    >
      <Table
        name="Rows that were not taken"
        rows={shown}
        keyOf={({ line, column, code }) => `${line}/${column}/${code}`}
        columns={COLUMNS}
      />
      {more > 0 && <p className="muted">And {more.toLocaleString()} more.</p>}
    </Card>
  );
}
