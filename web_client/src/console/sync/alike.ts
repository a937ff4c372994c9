import type { ConflictGroup, ConflictKind, Platform } from "../api/types";

export type Side = "local" | "remote";

/** What conflicts have in common; what is left out may be anything. */
export interface Like {
  platform?: Platform;
  kind?: ConflictKind;
  field?: string;
}

/** The groups that are like this. */
export function alike(groups: readonly ConflictGroup[], { platform, kind, field }: Like): ConflictGroup[] {
  return groups.filter(
    (group) =>
      (!platform || group.platform === platform) && (!kind || group.kind === kind) && (!field || group.field === field),
  );
}

export const total = (groups: readonly ConflictGroup[]): number => groups.reduce((sum, { open }) => sum + open, 0);

/** Each different value of the groups, with how many conflicts have it; the most frequent first. */
export function counted<K extends "platform" | "kind" | "field">(
  groups: readonly ConflictGroup[],
  by: K,
): { value: ConflictGroup[K]; open: number }[] {
  const sums = new Map<ConflictGroup[K], number>();
  for (const group of groups) sums.set(group[by], (sums.get(group[by]) ?? 0) + group.open);
  return [...sums].map(([value, open]) => ({ value, open })).toSorted((a, b) => b.open - a.open);
}

/** What deciding all of these for one side does, as a question says it. */
export function consequence(groups: readonly ConflictGroup[], side: Side, theirs: string): string {
  const isOurs = side === "local";
  const deleted = groups.reduce((sum, group) => sum + (isOurs ? group.deleted_here : group.deleted_there), 0);
  // What the other side does not take cannot be sent there.
  const alone = isOurs ? total(groups.filter(({ kind }) => kind === "refused")) : 0;
  const both = total(groups) - deleted - alone;
  const parts = [];
  if (both > 0) {
    const whose = isOurs ? "what is here" : `what ${theirs} has`;
    parts.push(`For ${both.toLocaleString()} of them ${whose} then holds on both sides.`);
  }
  if (alone > 0) parts.push(`${alone.toLocaleString()} ${alone === 1 ? "stays" : "stay"} here alone.`);
  if (deleted > 0) parts.push(`${deleted.toLocaleString()} ${deleted === 1 ? "contact is" : "contacts are"} deleted.`);
  return `${parts.join(" ")} This cannot be undone.`;
}
