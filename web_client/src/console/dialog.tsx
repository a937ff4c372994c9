import { type ReactElement, type ReactNode, useEffect, useRef } from "react";

interface Props {
  title: string;
  /** It is closed, whoever did it. */
  onClose: () => void;
  children: ReactNode;
}

/** Something to be done before the page goes on. The keyboard stays in it, Escape leaves it, and goes on where it was. */
export function Dialog({ title, onClose, children }: Props): ReactElement {
  const place = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = place.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={place} className="card" aria-label={title} onClose={onClose}>
      <header className="card-head">
        <h2>{title}</h2>
        <button type="button" onClick={() => place.current?.close()}>
          Close
        </button>
      </header>
      {children}
    </dialog>
  );
}
