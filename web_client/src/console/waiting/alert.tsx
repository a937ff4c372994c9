import { type ReactElement, useEffect, useRef, useState } from "react";
import type { Http } from "../api/http";
import { CHANNELS } from "../conversations/identity";
import { Ago } from "../moment";
import { useNarrow } from "../narrow";
import { linkTo } from "../router";
import { useWaiting, type WaitingPerson, whoWaits } from "./people";

const SHOWN = 3;
/** It stays on top of what one reads, and a telephone has little room for that. */
const SHOWN_NARROW = 1;
const canNotify = (): boolean => typeof Notification !== "undefined";

/** Says on every page, and where it may on the computer, who in a live conversation waits for a person. */
export function WaitingAlert({ http, onCount }: { http: Http; onCount: (count: number) => void }): ReactElement | null {
  const people = useWaiting(http);
  const count = people.length;
  const isNarrow = useNarrow();
  const shown = isNarrow ? SHOWN_NARROW : SHOWN;
  useEffect(() => onCount(count), [count, onCount]);
  useNotifications(people);
  const [permission, setPermission] = useState(() => (canNotify() ? Notification.permission : "denied"));
  if (count === 0) return null;
  return (
    <section className="wants-person" aria-label="Waiting for a person">
      <div role="alert">
        <ul>
          {people.slice(0, shown).map((person) => (
            <li key={person.id}>
              <span>
                <b>{whoWaits(person)} wants a person.</b> {CHANNELS[person.channel] ?? person.channel},{" "}
                <Ago moment={person.since} />
              </span>
              <a className="button primary" href={linkTo("conversations", person.id)}>
                Go there
              </a>
            </li>
          ))}
        </ul>
      </div>
      {count > shown && <p>And {count - shown} more.</p>}
      {permission === "default" && !isNarrow && (
        <button type="button" onClick={() => void Notification.requestPermission().then(setPermission)}>
          Tell me on this computer next time
        </button>
      )}
    </section>
  );
}

/** One for each who is new, where the browser may. */
function useNotifications(people: WaitingPerson[]): void {
  const told = useRef(new Set<string>());
  useEffect(() => {
    for (const person of people) {
      const once = `${person.id} ${person.since}`;
      if (told.current.has(once)) continue;
      told.current.add(once);
      if (!canNotify() || Notification.permission !== "granted") continue;
      notify(person);
    }
  }, [people]);
}

function notify(person: WaitingPerson): void {
  try {
    const shown = new Notification(`${whoWaits(person)} wants a person`, { tag: person.id });
    shown.onclick = () => {
      focus();
      location.hash = linkTo("conversations", person.id);
      shown.close();
    };
  } catch {
    // Browsers of telephones have the class, and none of its instances.
  }
}
