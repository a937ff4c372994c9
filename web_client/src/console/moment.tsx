import type { ReactElement } from "react";
import { ago, agoToTheMinute, exact } from "./times";

interface Props {
  moment: string;
  /** Whether what is longer ago than an hour is told to the minute. */
  precise?: boolean;
}

/** How long ago a moment (RFC 3339) was; the exact time on hover. */
export function Ago({ moment, precise = false }: Props): ReactElement {
  return (
    <time dateTime={moment} title={exact(moment)}>
      {(precise ? agoToTheMinute : ago)(moment, Date.now())}
    </time>
  );
}
