import { type ReactElement, useState } from "react";

const SHOWN_MS = 2000;

/** A text to take along, with a button that copies it; where that is not allowed it can be marked. */
export function CopyText({ label, text }: { label: string; text: string }): ReactElement {
  const [copied, setCopied] = useState<boolean | null>(null);
  const copy = async (): Promise<void> => {
    const done = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    setCopied(done ?? false);
    setTimeout(() => setCopied(null), SHOWN_MS);
  };
  return (
    <div className="copy-text">
      <pre>{text}</pre>
      <button type="button" aria-label={`Copy ${label}`} onClick={() => void copy()}>
        {copied === null ? "Copy" : copied ? "Copied" : "Mark it by hand"}
      </button>
    </div>
  );
}
