import type { ReactElement } from "react";
import type { RowError } from "../api/types";
import { Card } from "../parts";
import { type Column, Table } from "../table";
import { errorsAsCsv } from "./import_run";

const MOST_SHOWN = 200;

const COLUMNS: Column<RowError>[] = [
  { head: "Line", number: true, cell: ({ line }) => line.toLocaleString() },
  { head: "Column", cell: ({ column }) => column ?? "–" },
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
        <button type="button" onClick={() => save(errors)}>
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

function save(errors: readonly RowError[]): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([errorsAsCsv(errors)], { type: "text/csv" }));
  link.download = "rows-not-taken.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
