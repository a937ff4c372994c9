/** Rows as a CSV file. */
export function csvOf(rows: readonly (readonly string[])[]): Blob {
  return new Blob([csvText(rows)], { type: "text/csv" });
}

export const csvText = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => row.map(quoted).join(",")).join("\r\n");

/** A cell that no spreadsheet takes for a formula. */
function quoted(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
