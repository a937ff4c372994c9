import { type ReactElement, useState } from "react";

interface Props {
  children: string;
  /** What is asked after the first press. */
  question: string;
  /** What the second press says. */
  yes: string;
  disabled: boolean;
  /** It is what comes next. */
  primary?: boolean;
  onConfirm: () => void;
}

/** A button for what cannot be undone: it asks, in its own place, before it does anything. */
export function ConfirmButton({ children, question, yes, disabled, primary = false, onConfirm }: Props): ReactElement {
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <button type="button" className={primary ? "primary" : ""} disabled={disabled} onClick={() => setAsking(true)}>
        {children}
      </button>
    );
  }
  return (
    <fieldset className="confirm">
      <legend>{question}</legend>
      <button
        type="button"
        className="danger"
        disabled={disabled}
        onClick={() => {
          setAsking(false);
          onConfirm();
        }}
      >
        {yes}
      </button>
      {/* biome-ignore lint/a11y/noAutofocus: the button that was pressed is gone; the safe one takes its place */}
      <button type="button" autoFocus onClick={() => setAsking(false)}>
        Cancel
      </button>
    </fieldset>
  );
}
