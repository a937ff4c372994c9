import type { ReactElement, ReactNode } from "react";

export interface Column<Row> {
  head: string;
  cell: (row: Row) => ReactNode;
  /** Figures, one under the other. */
  number?: boolean;
  /** What somebody wrote, with words of any length. */
  text?: boolean;
  /** Left out where a row is a block. */
  minor?: boolean;
}

interface Props<Row> {
  name: string;
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** The first one says what a row is about. */
  columns: readonly Column<Row>[];
}

/** Rows under headings; where there is no room for them side by side, each row is a block of its named cells. */
export function Table<Row>({ name, rows, keyOf, columns }: Props<Row>): ReactElement {
  return (
    <div className="table">
      <table aria-label={name}>
        <thead>
          <tr>
            {columns.map(({ head, number }) => (
              <th key={head} className={number ? "number" : ""}>
                {head || <span className="sr">What can be done</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ head, cell, number, text, minor }) => (
                <td key={head} className={number ? "number" : text ? "text" : ""} data-head={head} data-minor={minor}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
