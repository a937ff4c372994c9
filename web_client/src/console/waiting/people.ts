import { useEffect, useState } from "react";
import { ApiError, type Http } from "../api/http";
import type { Channel } from "../api/types/conversations";

/** Somebody in a live conversation who wants a person; `id` is the conversation's. */
export interface WaitingPerson {
  id: string;
  channel: Channel;
  since: string;
  reason: string | null;
  name: string | null;
  company: string | null;
}

const EVERY_MS = 5_000;
const SLOWEST_MS = 60_000;

/** Asked all the time, in a tab that nobody looks at as well: it is there that they are missed, and the server takes who
 * asks to be at hand. A key that may not supervise asks once. */
export function useWaiting(http: Http): WaitingPerson[] {
  const [people, setPeople] = useState<WaitingPerson[]>([]);
  useEffect(() => {
    let stopped = false;
    let failures = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      try {
        const { items } = await http.get<{ items: WaitingPerson[] }>("/api/supervision/waiting");
        failures = 0;
        if (!stopped) setPeople(items);
      } catch (reason) {
        if (!ApiError.of(reason).mayPass) return;
        failures += 1;
      }
      if (!stopped) timer = setTimeout(() => void ask(), Math.min(SLOWEST_MS, EVERY_MS * 2 ** failures));
    };
    void ask();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [http]);
  return people;
}

/** Who it is, as far as it is known. */
export function whoWaits({ name, company }: WaitingPerson): string {
  if (name && company) return `${name} of ${company}`;
  return name ?? (company ? `Somebody of ${company}` : "Somebody");
}
