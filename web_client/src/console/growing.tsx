import { type ReactElement, useState } from "react";

/** The API's own bound on the rows of one answer. */
const MOST = 1000;

export interface Growing {
  limit: number;
  grow: () => void;
}

/** How many rows of a list are asked for: a step more with every press. */
export function useGrowing(step: number): Growing {
  const [limit, setLimit] = useState(step);
  return { limit, grow: () => setLimit(Math.min(MOST, limit + step)) };
}

interface Props extends Growing {
  /** Whether the server has more than were asked for. */
  more: boolean;
  /** How to find what even the longest list does not reach. */
  beyond?: string;
}

/** Asks for more rows, as long as there are any. */
export function ShowMore({ limit, grow, more, beyond = "" }: Props): ReactElement | null {
  if (!more) return null;
  if (limit >= MOST)
    return (
      <p className="muted more">
        The first {MOST.toLocaleString()} are shown. {beyond}
      </p>
    );
  return (
    <button type="button" className="more" onClick={grow}>
      Show more
    </button>
  );
}
