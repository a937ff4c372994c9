/** What a key may do, in the order of how much that is. */
export const SCOPES = [
  ["realtime", "Hold conversations"],
  ["read", "Read everything"],
  ["write", "Change, call and book"],
  ["supervise", "Speak and whisper in live conversations"],
  ["send", "Have campaigns sent"],
  ["admin", "Manage keys and credentials"],
] as const;

export type Scope = (typeof SCOPES)[number][0];

/** What a key may do, in words. */
export function scopesTold(scopes: readonly string[]): string {
  if (scopes.includes("*")) return "everything";
  return scopes.join(", ");
}
