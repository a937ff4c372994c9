import type { ReactElement } from "react";
import { ago, exact } from "./times";

/** How long ago a moment (RFC 3339) was; the exact time on hover. */
export function Ago({ moment }: { moment: string }): ReactElement {
  return (
    <time dateTime={moment} title={exact(moment)}>
      {ago(moment, Date.now())}
    </time>
  );
}
