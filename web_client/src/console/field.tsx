import { type ReactElement, useId } from "react";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "email" | "tel" | "date" | "datetime-local";
  /** Several lines, for free text. */
  long?: boolean;
  maxLength?: number;
  placeholder?: string;
  required?: boolean;
  disabled?: boolean;
}

/** A text to fill in, with its label above it. */
export function Field({ label, value, onChange, type = "text", long = false, ...more }: Props): ReactElement {
  const id = useId();
  return (
    <div className={long ? "field wide" : "field"}>
      <label htmlFor={id}>{label}</label>
      {long ? (
        <textarea id={id} rows={3} value={value} onChange={(event) => onChange(event.target.value)} {...more} />
      ) : (
        <input id={id} type={type} value={value} onChange={(event) => onChange(event.target.value)} {...more} />
      )}
    </div>
  );
}
