import { type ReactElement, useId } from "react";

interface Props {
  label: string;
  value: string;
  min: number;
  max: number;
  step: number | "any";
  required?: boolean;
  onChange: (value: string) => void;
}

/** A number to fill in, with its label above it. */
export function Amount({ label, onChange, required = true, ...more }: Props): ReactElement {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="number" required={required} onChange={(event) => onChange(event.target.value)} {...more} />
    </div>
  );
}
