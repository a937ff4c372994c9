import { type ReactElement, useCallback, useEffect, useRef, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { KnownDocument, Page } from "../api/types";
import { bytes } from "../bytes";
import { ConfirmButton } from "../confirm_button";
import { FileDrop } from "../file_drop";
import { Badge, Card, Loading, Problem, type Tone } from "../parts";
import { usePolling } from "../polling";
import { DocumentTopics } from "./document_topics";

interface Props {
  http: Http;
  onChanged: () => void;
}

/** The API keeps no more. */
const ALL = 500;

const SOON_MS = 250;
const SELDOM_MS = 3000;
const KINDS = ".pdf,.docx,.html,.htm,.md,.markdown,.txt";
const TONES: Record<KnownDocument["status"], Tone> = { processing: "degraded", ready: "ok", failed: "down" };
const STATUSES: Record<KnownDocument["status"], string> = {
  processing: "Being read",
  ready: "Known",
  failed: "Failed",
};

/** Most are read in a moment, some take a minute; once none is being read, nothing changes by itself. */
export function whileReading({ items }: Page<KnownDocument>, asked: number): number | null {
  if (!items.some(({ status }) => status === "processing")) return null;
  return Math.min(SELDOM_MS, SOON_MS * 1.4 ** asked);
}

/** Documents the agent knows: uploaded, read beside the calls, deleted with all that came of them. */
export function DocumentsCard({ http, onChanged }: Props): ReactElement {
  const [file, setFile] = useState<File | null>(null);
  const [sent, setSent] = useState(0);
  const known = usePolling(
    useCallback(() => http.get<Page<KnownDocument>>("/api/documents", { limit: ALL }), [http]),
    whileReading,
  );
  const kept = known.value?.items;
  const topics = kept?.reduce((sum, document) => sum + document.topics, 0) ?? 0;
  const told = useRef(topics);
  useEffect(() => {
    if (told.current === topics) return;
    told.current = topics;
    onChanged();
  }, [topics, onChanged]);
  const upload = useAction(async (from: File, mode: "add" | "replace") => {
    setSent(0);
    await http.upload("/api/documents", { name: from.name, mode }, from, setSent);
    setFile(null);
    known.again();
  });
  const named = kept?.some(({ name }) => name.toLowerCase() === file?.name.toLowerCase());
  return (
    <Card title="Documents">
      <div className="form">
        <p className="muted">
          A PDF, Word, HTML, Markdown or text file. What is under a heading becomes a topic, in pieces one can say. What
          a document says is told to callers; nothing is done because it says so.
        </p>
        <FileDrop
          label="Document to read"
          accept={KINDS}
          file={file}
          disabled={upload.busy}
          onFile={(chosen) => {
            setFile(chosen);
            upload.forget();
          }}
        />
        <div className="buttons">
          <button
            type="button"
            className="primary"
            disabled={!file || upload.busy}
            onClick={() => file && void upload.run(file, named ? "replace" : "add")}
          >
            {upload.busy ? "Uploading…" : named ? "Replace the older one" : "Upload"}
          </button>
          {named && (
            <button type="button" disabled={!file || upload.busy} onClick={() => file && void upload.run(file, "add")}>
              Keep both
            </button>
          )}
        </div>
        {upload.busy && <progress aria-label="Upload" max={1} value={sent} />}
        <Problem error={upload.error ?? known.error} />
      </div>
      {!kept && !known.error && <Loading />}
      <ul className="topics documents" aria-label="Documents">
        {kept?.map((document) => (
          <DocumentRow
            key={document.id}
            http={http}
            document={document}
            onGone={() => {
              known.again();
              onChanged();
            }}
          />
        ))}
      </ul>
    </Card>
  );
}

interface RowProps {
  http: Http;
  document: KnownDocument;
  onGone: () => void;
}

function DocumentRow({ http, document, onGone }: RowProps): ReactElement {
  const { id, name, status, error, pages, topics, size_bytes } = document;
  const [open, setOpen] = useState(false);
  const forget = useAction(async () => {
    await http.send("DELETE", `/api/documents/${id}`);
    onGone();
  });
  return (
    <li>
      <div className="document">
        <span className="name">
          <b>{name}</b> <Badge tone={TONES[status]}>{STATUSES[status]}</Badge>
          <small>
            {[
              bytes(size_bytes),
              pages === null ? "" : count(pages, "page"),
              status === "ready" ? count(topics, "topic") : "",
            ]
              .filter(Boolean)
              .join(" · ")}
          </small>
        </span>
        {topics > 0 && (
          <button type="button" aria-expanded={open} aria-label={`Topics of ${name}`} onClick={() => setOpen(!open)}>
            {open ? "Hide" : "Show"}
          </button>
        )}
        <ConfirmButton
          question={topics > 0 ? `Its ${count(topics, "topic")} go too.` : "It goes for good."}
          yes="Delete it"
          disabled={forget.busy}
          onConfirm={() => void forget.run()}
        >
          Delete
        </ConfirmButton>
      </div>
      {error && (
        <p className="problem">
          {error.message} <code>{error.code}</code>
        </p>
      )}
      <Problem error={forget.error} />
      {open && <DocumentTopics http={http} id={id} />}
    </li>
  );
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? "" : "s"}`;
}
