import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, type Http } from "../../api/http";
import { steadily } from "./steady_timer";

const HOLD_EVERY_MS = 5_000;
/** As long as the server takes whoever has taken over to be there. */
const HOLDS_MS = 20_000;
const NAME = "sales-agent-operator-name";

export interface Takeover {
  /** Proves that it is this page that speaks; null: it has not taken over. */
  lease: string | null;
  /** It was lost: the agent has the conversation again. */
  lapsed: boolean;
  take: (name: string) => Promise<void>;
  giveBack: () => Promise<void>;
}

interface TakenOver {
  lease: string;
}

/** Speaking in the agent's place: taken, held by saying so again and again, given back also when the page goes away.
 * `operator`: who has it, as the server tells while it is followed. */
export function useTakeover(http: Http, id: string, operator: string | null, following: boolean): Takeover {
  const [held, setHeld] = useState<{ lease: string; name: string } | null>(null);
  const [lapsed, setLapsed] = useState(false);
  const path = `/api/conversations/${encodeURIComponent(id)}`;
  const lease = held?.lease ?? null;
  const current = useRef(held);
  current.current = held;
  const heldAt = useRef(0);

  const take = useCallback(
    async (name: string) => {
      const body = { name, ...(current.current ? { lease: current.current.lease } : {}) };
      const taken = await http.post<TakenOver>(`${path}/takeover`, body);
      rememberName(name);
      heldAt.current = Date.now();
      setLapsed(false);
      setHeld({ lease: taken.lease, name });
    },
    [http, path],
  );
  const giveBack = useCallback(async () => {
    const given = current.current?.lease;
    setHeld(null);
    if (given) await http.post(`${path}/release`, { lease: given });
  }, [http, path]);

  useEffect(() => {
    if (lease === null) return;
    const hold = async (): Promise<void> => {
      try {
        await http.post(`${path}/takeover/hold`, { lease });
        heldAt.current = Date.now();
      } catch (reason) {
        if (ApiError.of(reason).status !== 409 || current.current?.lease !== lease) return;
        setHeld(null);
        setLapsed(true);
      }
    };
    const stop = steadily(() => void hold(), HOLD_EVERY_MS);
    const leave = (): void => {
      if (current.current?.lease !== lease) return;
      void http.send("POST", `${path}/release`, { body: { lease }, keepalive: true }).catch(() => {});
    };
    addEventListener("pagehide", leave);
    return () => {
      stop();
      removeEventListener("pagehide", leave);
    };
  }, [http, path, lease]);

  // Whoever goes to another page of the console leaves the caller to the agent at once.
  useEffect(
    () => () => {
      const given = current.current?.lease;
      if (given) void http.post(`${path}/release`, { lease: given }).catch(() => {});
    },
    [http, path],
  );

  // It went on in another process, which does not know: said again while it holds.
  useEffect(() => {
    const mine = current.current;
    if (!following || operator !== null || !mine) return;
    if (Date.now() - heldAt.current < HOLDS_MS) return void take(mine.name).catch(() => {});
    setHeld(null);
    setLapsed(true);
  }, [following, operator, take]);

  return { lease, lapsed, take, giveBack };
}

export function rememberedName(): string {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

function rememberName(name: string): void {
  try {
    localStorage.setItem(NAME, name);
  } catch {
    // Asked for again the next time.
  }
}
