import type { ReactElement } from "react";
import { CopyText } from "../copy_text";

/** A secret that is shown this once. */
export function Secret({ about, text, onDone }: { about: string; text: string; onDone: () => void }): ReactElement {
  return (
    <section className="secret" aria-label="The secret">
      <p>
        <b>{about}</b> – keep its secret now, it is not shown again. With it the program tells that an event is from
        here.
      </p>
      <CopyText label="the secret" text={text} />
      <p>
        <button type="button" onClick={onDone}>
          I have it
        </button>
      </p>
    </section>
  );
}
