import { type ReactElement, type ReactNode, useState } from "react";
import { Field } from "./field";
import { Card, Problem } from "./parts";

export interface Way {
  value: string;
  /** What it is for, or who says so. */
  note?: string | null;
  /** What can be done with it, by what is written on the button. */
  acts: Record<string, { label: string; run: () => void }>;
}

interface Props {
  ways: Way[];
  disabled: boolean;
  error: Parameters<typeof Problem>[0]["error"];
  /** An address or a number; `onAdded` once it is there. */
  onAdd: (value: string, onAdded: () => void) => void;
}

/** Somebody's addresses and numbers beside the first: which comes first, which goes, and one more. */
export function ReachedAt({ ways, disabled, error, onAdd }: Props): ReactElement {
  const [more, setMore] = useState("");
  const add = (): void => onAdd(more.trim(), () => setMore(""));
  return (
    <Card title="Also reached at">
      {ways.length > 0 && (
        <ul className="ways">
          {ways.map((way) => (
            <Row key={way.value} way={way} disabled={disabled} />
          ))}
        </ul>
      )}
      <div className="form">
        <Field label="Another e-mail or phone" value={more} disabled={disabled} onChange={setMore} />
        <div className="buttons">
          <button type="button" disabled={disabled || !more.trim()} onClick={add}>
            Add it
          </button>
        </div>
      </div>
      <Problem error={error} />
    </Card>
  );
}

function Row({ way, disabled }: { way: Way; disabled: boolean }): ReactElement {
  const buttons: ReactNode[] = Object.entries(way.acts).map(([name, { label, run }]) => (
    <button key={name} type="button" disabled={disabled} aria-label={label} onClick={run}>
      {name}
    </button>
  ));
  return (
    <li>
      <span>
        {way.value} {way.note && <small>{way.note}</small>}
      </span>
      <div className="buttons">{buttons}</div>
    </li>
  );
}

/** What can be done with one that is known. */
export const movable = (value: string, onFirst: () => void, onTakeOff: () => void): Way["acts"] => ({
  "Put first": { label: `Put ${value} first`, run: onFirst },
  "Take off": { label: `Take ${value} off`, run: onTakeOff },
});
