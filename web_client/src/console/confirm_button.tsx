import { type ReactElement, useEffect, useRef, useState } from "react";

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
  const button = useRef<HTMLButtonElement>(null);
  const wasAsked = useRef(false);
  useEffect(() => {
    // The button that answered is gone with the question: the keyboard goes on where it was.
    if (!asking && wasAsked.current && document.activeElement === document.body) button.current?.focus();
    wasAsked.current = asking;
  }, [asking]);
  if (!asking) {
    return (
      <button
        ref={button}
        type="button"
        className={primary ? "primary" : ""}
        disabled={disabled}
        onClick={() => setAsking(true)}
      >
        {children}
      </button>
    );
  }
  return (
    <fieldset className="confirm" onKeyDown={(event) => event.key === "Escape" && setAsking(false)}>
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
