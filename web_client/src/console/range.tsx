import type { ReactElement } from "react";

const RANGES = [7, 30, 90];

interface Props {
  days: number;
  onChange: (days: number) => void;
}

/** How many days a report is about. */
export function Range({ days, onChange }: Props): ReactElement {
  return (
    <select aria-label="Range" value={days} onChange={(event) => onChange(Number(event.target.value))}>
      {RANGES.map((range) => (
        <option key={range} value={range}>
          {range} days
        </option>
      ))}
    </select>
  );
}
