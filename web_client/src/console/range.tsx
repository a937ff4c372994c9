import type { ReactElement } from "react";
import { SPANS, type Span } from "./charts/span";

interface Props {
  span: Span;
  onChange: (span: Span) => void;
  /** Where its days are not the reader's. */
  utc?: boolean;
}

/** Which days a report is about. */
export function Range({ span, onChange, utc = false }: Props): ReactElement {
  return (
    <select aria-label="Range" value={span} onChange={(event) => onChange(event.target.value as Span)}>
      {SPANS.map(([name, shown]) => (
        <option key={name} value={name}>
          {shown}
          {utc && name.endsWith("day") && " (UTC)"}
        </option>
      ))}
    </select>
  );
}
