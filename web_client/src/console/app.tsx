import { type ReactElement, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Http } from "./api/http";
import { Boundary } from "./boundary";
import { forgetDrafts } from "./drafts";
import { KeyForm } from "./key_form";
import { Navigation } from "./navigation";
import { operatorKey } from "./operator_key";
import { AgentPage } from "./pages/agent";
import { AgentsPage } from "./pages/agents";
import { CallListsPage } from "./pages/call_lists";
import { CallsPage } from "./pages/calls";
import { CampaignsPage } from "./pages/campaigns";
import { ConsentsPage } from "./pages/consents";
import { ContactsPage } from "./pages/contacts";
import { ConversationsPage } from "./pages/conversations";
import { CostsPage } from "./pages/costs";
import { CustomersPage } from "./pages/customers";
import { DoNotCallPage } from "./pages/do_not_call";
import { ErasuresPage } from "./pages/erasures";
import { KeysPage } from "./pages/keys";
import { KnowledgePage } from "./pages/knowledge";
import { LatencyPage } from "./pages/latency";
import { LeadsPage } from "./pages/leads";
import { MeetingsPage } from "./pages/meetings";
import { OverviewPage } from "./pages/overview";
import { RefinePage } from "./pages/refine";
import { ResearchPage } from "./pages/research";
import { SyncPage } from "./pages/sync";
import { WebhooksPage } from "./pages/webhooks";
import { capital } from "./parts";
import { linkTo, type PageName, useRoute } from "./router";
import { Unreached } from "./unreached";
import { WaitingAlert } from "./waiting/alert";

export interface PageProps {
  http: Http;
  /** What the address names within the page. */
  id: string | null;
  part: string | null;
}

const PAGE_OF: Record<PageName, (props: PageProps) => ReactElement> = {
  overview: OverviewPage,
  conversations: ConversationsPage,
  calls: CallsPage,
  meetings: MeetingsPage,
  do_not_call: DoNotCallPage,
  erasures: ErasuresPage,
  consents: ConsentsPage,
  leads: LeadsPage,
  customers: CustomersPage,
  contacts: ContactsPage,
  campaigns: CampaignsPage,
  call_lists: CallListsPage,
  research: ResearchPage,
  refine: RefinePage,
  profile: AgentPage,
  knowledge: KnowledgePage,
  agents: AgentsPage,
  sync: SyncPage,
  latency: LatencyPage,
  costs: CostsPage,
  keys: KeysPage,
  webhooks: WebhooksPage,
};

/** So long what is below something that loads is held back, so that it does not jump. */
const SETTLES_MS = 1000;

/** The operator's console. */
export function App(): ReactElement {
  const [key, setKey] = useState(operatorKey.get);
  const [refusal, setRefusal] = useState<string | null>(null);
  const route = useRoute();
  const keep = useCallback((next: string | null, why: string | null = null): void => {
    operatorKey.set(next);
    if (next === null && why === null) forgetDrafts();
    setRefusal(why);
    setKey(next);
  }, []);
  const http = useMemo(() => new Http(key, (error) => keep(null, error.message)), [key, keep]);
  const locked = key === null;
  const main = useRef<HTMLElement>(null);
  const shown = useRef(route.page);
  const place = `${route.page}/${route.id}`;
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSettled(place), SETTLES_MS);
    return () => clearTimeout(timer);
  }, [place]);
  useEffect(() => {
    scrollTo(0, 0);
    // What was pressed went with its page: the keyboard goes on at the new one.
    if (shown.current !== route.page && document.activeElement === document.body)
      main.current?.focus({ preventScroll: true });
    shown.current = route.page;
  }, [route.page]);
  const [waiting, setWaiting] = useState(0);
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ""}${capital(route.page)} · Sales agent`;
  }, [route.page, waiting]);
  const Page = PAGE_OF[locked ? "overview" : route.page];
  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <header className="top">
        <h1>
          <a href={linkTo("overview")}>Sales agent</a>
        </h1>
        <nav aria-label="Elsewhere">
          <a className="primary" href="/talk">
            Talk to it
          </a>
          <a href="/api/docs">API</a>
          {!locked && (
            <button type="button" onClick={() => keep(null)}>
              Forget key
            </button>
          )}
        </nav>
      </header>
      <Unreached />
      {!locked && <WaitingAlert http={http} onCount={setWaiting} />}
      <div className="frame">
        {!locked && <Navigation route={route} />}
        <main ref={main} tabIndex={-1} data-fresh={settled !== place}>
          {locked && <KeyForm problem={refusal} onKey={keep} />}
          <Boundary key={`${route.page}/${locked}`}>
            <Page http={http} id={route.id} part={route.part} />
          </Boundary>
        </main>
      </div>
    </>
  );
}
