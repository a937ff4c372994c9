import type { ReactElement } from "react";
import type { CallList } from "../api/types";
import { RESULT_NAMES, RESULTS } from "./names";

interface Part {
  kind: string;
  name: string;
  people: number;
}

/** What came of whom, and who is still to be called, in the order of a bar. */
export function partsOf({ results, people }: CallList): Part[] {
  const parts: Part[] = [
    ...RESULTS.map((result) => ({ kind: result, name: RESULT_NAMES[result], people: results[result] ?? 0 })),
    { kind: "calling", name: "Being called", people: people.calling },
    { kind: "to_call", name: "To be called", people: people.waiting },
  ];
  return parts.filter((part) => part.people > 0);
}

/** What came of the people of a list, as parts of a bar; `keys`: with what each part is. */
export function ResultBar({ list, keys = false }: { list: CallList; keys?: boolean }): ReactElement {
  const parts = partsOf(list);
  const told = parts.map(({ name, people }) => `${people.toLocaleString()} ${name.toLowerCase()}`).join(", ");
  return (
    <>
      <div className="part-bar" role="img" aria-label={told || "Nobody is in it"}>
        {parts.map(({ kind, name, people }) => (
          <i key={kind} data-result={kind} style={{ flexGrow: people }} title={name} />
        ))}
      </div>
      {keys ? (
        <ul className="part-keys">
          {parts.map(({ kind, name, people }) => (
            <li key={kind}>
              <i data-result={kind} />
              {name} <b>{people.toLocaleString()}</b>
            </li>
          ))}
        </ul>
      ) : (
        <small>{told || "nobody is in it"}</small>
      )}
    </>
  );
}
