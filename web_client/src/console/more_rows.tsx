import type { ReactElement } from "react";
import type { Paged } from "./paging";

/** Asks for the next page, as long as there is one. */
export function MoreRows({ more, busy, grow }: Pick<Paged<unknown>, "more" | "busy" | "grow">): ReactElement | null {
  if (!more) return null;
  return (
    <button type="button" className="more" disabled={busy} onClick={grow}>
      {busy ? "Asking…" : "Show more"}
    </button>
  );
}
