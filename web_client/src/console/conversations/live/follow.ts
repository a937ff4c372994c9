import { useEffect, useReducer } from "react";
import { listen, type ServerEvent } from "../../api/events";
import { ApiError, type Http } from "../../api/http";
import { after, type Live, lost, notFollowed } from "./state";

const AGAIN_MS = 1_000;
const MOST_DOUBLED = 4;
/** Nothing that is told of it is to be waited for. */
const OVER: ServerEvent = { kind: "ended", data: {} };

type Told = ServerEvent | { kind: "lost" };

const reduce = (live: Live, told: Told): Live => ("data" in told ? after(live, told, performance.now()) : lost(live));

/** Follows a conversation while it is `open`. */
export function useLive(http: Http, id: string, open: boolean): Live {
  const [live, tell] = useReducer(reduce, notFollowed);
  useEffect(() => {
    if (!open) return;
    const leaving = new AbortController();
    void follow(http, id, tell, leaving.signal);
    return () => leaving.abort();
  }, [http, id, open]);
  return live;
}

async function follow(http: Http, id: string, tell: (told: Told) => void, signal: AbortSignal): Promise<void> {
  let failures = 0;
  let over = false;
  const hear = (event: ServerEvent): void => {
    failures = 0;
    over ||= event.kind === "ended";
    tell(event);
  };
  while (!over && !signal.aborted) {
    try {
      await listen(http, `/api/conversations/${encodeURIComponent(id)}/live`, hear, signal);
    } catch (reason) {
      const { status } = ApiError.of(reason);
      if (status === 404 || status === 409) return tell(OVER);
    }
    if (over || signal.aborted) return;
    tell({ kind: "lost" });
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS * 2 ** Math.min(MOST_DOUBLED, failures++)));
  }
}
