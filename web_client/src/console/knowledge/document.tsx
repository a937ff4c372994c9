import { type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { KnowledgeImport } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { FileDrop } from "../file_drop";
import { Card, Problem } from "../parts";

interface Props {
  http: Http;
  stored: number;
  onDone: () => void;
}

const TIMEOUT_MS = 30_000;

/** Teaches the topics of a document. */
export function DocumentCard({ http, stored, onDone }: Props): ReactElement {
  const [file, setFile] = useState<File | null>(null);
  const [done, setDone] = useState<KnowledgeImport | null>(null);
  const teach = useAction(async (from: File, mode: "add" | "replace") => {
    setDone(null);
    const raw = { body: await from.text(), type: "text/markdown" };
    setDone(await http.send("POST", "/api/knowledge/import", { query: { mode }, raw, timeoutMs: TIMEOUT_MS }));
    onDone();
  });
  return (
    <Card title="Topics from a file">
      <div className="form">
        <p className="muted">
          A Markdown or text file that was written for it. A line that begins with # is a topic, as people ask for it;
          the text under it is what the agent says.
        </p>
        <FileDrop
          label="Document"
          accept=".md,.markdown,.txt,text/markdown,text/plain"
          file={file}
          disabled={teach.busy}
          onFile={(chosen) => {
            setFile(chosen);
            setDone(null);
            teach.forget();
          }}
        />
        <div className="buttons">
          <button
            type="button"
            className="primary"
            disabled={!file || teach.busy}
            onClick={() => file && void teach.run(file, "add")}
          >
            {teach.busy ? "Teaching…" : "Add its topics"}
          </button>
          {stored > 0 && (
            <ConfirmButton
              question={`Of the ${stored} kept ${stored === 1 ? "topic" : "topics"}, those that are not in the file go.`}
              yes="Replace them"
              disabled={!file || teach.busy}
              onConfirm={() => file && void teach.run(file, "replace")}
            >
              Replace all by it
            </ConfirmButton>
          )}
        </div>
        <Problem error={teach.error} />
        <p role="status">
          {done && `${done.created} new, ${done.updated} changed${done.deleted ? `, ${done.deleted} gone` : ""}.`}
        </p>
      </div>
    </Card>
  );
}
