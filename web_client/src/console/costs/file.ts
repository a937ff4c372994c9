import type { Costs } from "../api/types";

/** What a report of costs says, by day and then by provider, as rows under headings. */
export function costRows({ days, providers }: Pick<Costs, "days" | "providers">): string[][] {
  const figures = (row: { calls: number; failed: number; unpriced: number; cost_usd: number }): string[] => [
    String(row.calls),
    String(row.failed),
    String(row.unpriced),
    String(row.cost_usd),
  ];
  return [
    ["by", "day", "kind", "provider", "model", "requests", "failed", "unpriced", "cost_usd"],
    ...days.map((row) => ["day", row.day, "", "", "", ...figures(row)]),
    ...providers.map((row) => ["provider", "", row.kind, row.provider, row.model, ...figures(row)]),
  ];
}
