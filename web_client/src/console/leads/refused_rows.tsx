import type { ReactElement } from "react";
import type { RowError } from "../api/types";
import { Card, Table } from "../parts";
import { errorsAsCsv } from "./import_run";

const MOST_SHOWN = 200;

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
      <Table name="Rows that were not taken" heads={["Line", "Column", "Why"]} numbers={[0]}>
        {shown.map((error) => (
          <tr key={`${error.line}/${error.column}/${error.code}`}>
            <td className="number">{error.line.toLocaleString()}</td>
            <td>{error.column ?? "–"}</td>
            <td>{error.message}</td>
          </tr>
        ))}
      </Table>
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
