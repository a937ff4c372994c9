import { type ReactElement, useCallback, useEffect, useMemo, useState } from "react";
import { Api } from "./api";
import { Boundary } from "./boundary";
import { ConversationDetail } from "./conversation_detail";
import { ConversationList } from "./conversation_list";
import { HealthPanel } from "./health_panel";
import { KeyForm } from "./key_form";
import { operatorKey } from "./operator_key";
import { usePolling } from "./polling";

const EVERY_MS = 4_000;
const PAGE = 20;
const MOST = 100;

/** The operator's start page: is the server well, and what is being said. */
export function App(): ReactElement {
  const [key, setKey] = useState(operatorKey.get);
  const api = useMemo(() => new Api(key), [key]);
  const keep = (next: string | null): void => {
    operatorKey.set(next);
    setKey(next);
  };
  return (
    <>
      <header className="top">
        <h1>Sales agent</h1>
        <nav aria-label="Pages">
          <a className="primary" href="/talk">
            Talk to it
          </a>
          <a href="/api/docs">API</a>
          {key && (
            <button type="button" onClick={() => keep(null)}>
              Forget key
            </button>
          )}
        </nav>
      </header>
      <main>
        <Boundary>
          <HealthPanel api={api} />
        </Boundary>
        <Boundary>
          <Conversations api={api} hasKey={key !== null} onKey={keep} />
        </Boundary>
      </main>
    </>
  );
}

interface ConversationsProps {
  api: Api;
  hasKey: boolean;
  onKey: (key: string) => void;
}

function Conversations({ api, hasKey, onKey }: ConversationsProps): ReactElement {
  const [count, setCount] = useState(PAGE);
  const { value, error } = usePolling(
    useCallback(() => api.conversations(count), [api, count]),
    EVERY_MS,
  );
  const selected = useSelected();
  if (error?.status === 401 || error?.status === 403) {
    return <KeyForm problem={hasKey ? error.message : null} onKey={onKey} />;
  }
  const more = value?.next_cursor && count < MOST ? () => setCount(count + PAGE) : null;
  return (
    <section className="card split" data-open={selected !== null} aria-label="Conversations">
      <div className="side">
        <h2>Conversations</h2>
        {error && <p className="problem">{error.message}</p>}
        {value && <ConversationList conversations={value.items} selected={selected} onMore={more} />}
      </div>
      <div className="detail">
        {selected ? (
          <ConversationDetail key={selected} api={api} id={selected} />
        ) : (
          <p className="empty">Choose a conversation to see what was said, what was heard, and how fast.</p>
        )}
      </div>
    </section>
  );
}

/** The conversation in the page's address: `#/conversations/<id>`. */
function useSelected(): string | null {
  const read = (): string | null => {
    const match = /^#\/conversations\/([^/]+)$/.exec(location.hash);
    return match?.[1] ? decodeURIComponent(match[1]) : null;
  };
  const [selected, setSelected] = useState(read);
  useEffect(() => {
    const changed = (): void => setSelected(read());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  });
  return selected;
}
