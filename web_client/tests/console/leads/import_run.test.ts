import { expect, it } from "vitest";
import { after, errorsAsCsv, NOTHING_YET } from "../../../src/console/leads/import_run";

const ERROR = { line: 3, code: "invalid_email", message: "That is no e-mail address.", column: "E-Mail" };

it("keeps what is told of an import", () => {
  const counts = { bytes: 10, rows: 2, created: 1, updated: 0, unchanged: 0, skipped: 0, failed: 1 };
  const run = after(NOTHING_YET, [{ type: "started" }, { type: "error", ...ERROR }, { type: "progress", ...counts }]);
  expect(run.progress?.rows).toBe(2);
  expect(run.errors).toMatchObject([ERROR]);
  const failed = after(run, [{ type: "failed", error: { code: "database_unavailable", message: "Away." } }]);
  expect(failed.failure?.code).toBe("database_unavailable");
  expect(failed.errors).toHaveLength(1);
});

it("writes the rows that were not taken as a file", () => {
  const csv = errorsAsCsv([ERROR, { line: 4, code: "x", message: 'Not "so", please', column: "=1+1" }]);
  expect(csv.split("\r\n")).toEqual([
    "line,column,code,why",
    "3,E-Mail,invalid_email,That is no e-mail address.",
    '4,\'=1+1,x,"Not ""so"", please"',
  ]);
});
