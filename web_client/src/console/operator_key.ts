const NAME = "sales-agent-operator-key";

/** The operator's key, for this tab only. */
export const operatorKey = {
  get(): string | null {
    return sessionStorage.getItem(NAME);
  },
  set(key: string | null): void {
    if (key) sessionStorage.setItem(NAME, key);
    else sessionStorage.removeItem(NAME);
  },
};
