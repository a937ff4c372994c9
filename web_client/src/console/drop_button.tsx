import type { ReactElement } from "react";
import { ConfirmButton } from "./confirm_button";
import type { Written } from "./drafts";

/** Empties a form in which something was written. */
export function DropButton({ written, busy }: { written: Written<object>; busy: boolean }): ReactElement | null {
  if (!written.isWritten) return null;
  return (
    <ConfirmButton question="What you wrote is lost." yes="Drop it" disabled={busy} onConfirm={written.end}>
      Drop what I wrote
    </ConfirmButton>
  );
}
