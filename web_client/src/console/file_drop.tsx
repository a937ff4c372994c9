import { type DragEvent, type ReactElement, useState } from "react";
import { bytes } from "./bytes";

interface Props {
  label: string;
  accept: string;
  file: File | null;
  disabled: boolean;
  onFile: (file: File) => void;
}

/** A place to drop a file on, or to choose one by mouse or keyboard. */
export function FileDrop({ label, accept, file, disabled, onFile }: Props): ReactElement {
  const [over, setOver] = useState(false);
  const take = (files: FileList | null): void => {
    const first = files?.[0];
    if (first && !disabled) onFile(first);
  };
  const hover = (event: DragEvent, is: boolean): void => {
    event.preventDefault();
    setOver(is && !disabled);
  };
  return (
    <label
      className="file-drop"
      data-over={over}
      data-disabled={disabled}
      onDragOver={(event) => hover(event, true)}
      onDragLeave={(event) => hover(event, false)}
      onDrop={(event) => {
        hover(event, false);
        take(event.dataTransfer.files);
      }}
    >
      <input
        type="file"
        className="sr"
        aria-label={label}
        accept={accept}
        disabled={disabled}
        onChange={(event) => {
          take(event.target.files);
          // The same file may be chosen again, after it was mended.
          event.target.value = "";
        }}
      />
      {file ? (
        <>
          <b>{file.name}</b>
          <small>{bytes(file.size)} · choose or drop another to change it</small>
        </>
      ) : (
        <>
          <b>Choose a file</b>
          <small>or drop it here</small>
        </>
      )}
    </label>
  );
}
