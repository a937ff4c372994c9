import { type FormEvent, type ReactElement, useEffect, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { AgentFacts, AgentProfile } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { draftOf, setDraft } from "../drafts";
import { Field } from "../field";
import { Card, Problem } from "../parts";
import { linkTo } from "../router";
import { asked, changed, factsOf, NOBODY, slugOf } from "./facts";
import { AgentForm } from "./form";
import { Preview } from "./preview";
import { TryIt } from "./try_it";
import { Versions } from "./versions";

/** Of one that has no slug yet; no slug is like it. */
export const NEW = "+";

interface Props {
  http: Http;
  /** Null: a new one. */
  profile: AgentProfile | null;
  onSaved: (profile: AgentProfile) => void;
  onDeleted: () => void;
}

interface Draft {
  facts: AgentFacts;
  /** The one it began with. */
  version: number;
}

const placeOf = (slug: string): string => `agent/${slug}`;

/** One agent: written on one side, tried on the other. */
export function AgentEditor({ http, profile, onSaved, onDeleted }: Props): ReactElement {
  const name = profile?.slug ?? NEW;
  const [base, setBase] = useState(profile);
  const [draft, setOwnDraft] = useState<Draft>(
    () =>
      draftOf<Draft>(placeOf(name)) ?? { facts: profile ? factsOf(profile) : NOBODY, version: profile?.version ?? 0 },
  );
  const [slug, setSlug] = useState("");
  const [isSaved, setSaved] = useState(false);
  const { facts, version } = draft;
  const saved = base ? factsOf(base) : NOBODY;
  const isChanged = changed(facts, saved).length > 0;
  useEffect(() => {
    // Somebody else saved it, and nothing was written here.
    if (!profile || !base || isChanged || profile.version <= base.version) return;
    setBase(profile);
    setOwnDraft({ facts: factsOf(profile), version: profile.version });
  }, [profile, base, isChanged]);
  const write = (next: AgentFacts): void => {
    const one = { facts: next, version };
    setSaved(false);
    setOwnDraft(one);
    setDraft(placeOf(name), changed(next, saved).length ? one : null);
  };
  const take = (next: AgentProfile): void => {
    setDraft(placeOf(name), null);
    setBase(next);
    setOwnDraft({ facts: factsOf(next), version: next.version });
    onSaved(next);
  };
  const wanted = slug || slugOf(facts.name);
  const save = useAction(async () => {
    if (base) {
      const place = `/api/agent-profiles/${encodeURIComponent(base.slug)}`;
      take(await http.send<AgentProfile>("PUT", place, { body: { ...asked(facts), version } }));
      setSaved(true);
    } else {
      take(await http.post<AgentProfile>("/api/agent-profiles", { ...asked(facts), slug: wanted }));
    }
  });
  const reload = useAction(async () => {
    if (base) take(await http.get<AgentProfile>(`/api/agent-profiles/${encodeURIComponent(base.slug)}`));
    save.forget();
  });
  const remove = useAction(async () => {
    await http.send("DELETE", `/api/agent-profiles/${encodeURIComponent(base?.slug ?? "")}`);
    setDraft(placeOf(name), null);
    onDeleted();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void save.run();
  };
  return (
    <div className="columns">
      <Card title={base ? facts.name || "The agent" : "Another agent"}>
        <form className="form two" onSubmit={submit}>
          <AgentForm http={http} facts={facts} onChange={write} />
          {!base && (
            <Field
              label="How pages and programs name it"
              maxLength={40}
              placeholder={slugOf(facts.name)}
              value={slug}
              onChange={setSlug}
            />
          )}
          <div className="buttons wide agent-save">
            <button
              type="submit"
              className="primary"
              disabled={save.busy || !(isChanged || !base) || (!base && !wanted)}
            >
              {save.busy ? "Saving…" : "Save"}
            </button>
            {isChanged && base && (
              <ConfirmButton
                question="What you wrote is lost."
                yes="Drop it"
                disabled={save.busy}
                onConfirm={() => write(saved)}
              >
                Drop changes
              </ConfirmButton>
            )}
            {base && !base.is_default && (
              <ConfirmButton
                question="Its numbers and pages get the default agent then."
                yes="Delete it"
                disabled={remove.busy}
                onConfirm={() => void remove.run()}
              >
                Delete
              </ConfirmButton>
            )}
            <small role="status">{told(isSaved && !isChanged, isChanged)}</small>
          </div>
          <Problem error={save.error ?? remove.error ?? reload.error} />
          {save.error?.code === "agent_profile_changed" && (
            <p className="buttons wide">
              <button type="button" onClick={() => void reload.run()}>
                Read what was saved, and drop mine
              </button>
            </p>
          )}
        </form>
      </Card>
      <div className="stack">
        <TryIt http={http} facts={facts} />
        <Preview http={http} facts={facts} />
        {base && <Versions http={http} profile={base} onRestored={take} />}
        {base && !base.is_default && <Reached slug={base.slug} />}
      </div>
    </div>
  );
}

function told(isSaved: boolean, isChanged: boolean): string {
  if (isSaved) return "Saved. The next conversation has it so.";
  return isChanged ? "Not saved yet." : "";
}

/** How one gets to another agent than the default one. */
function Reached({ slug }: { slug: string }): ReactElement {
  return (
    <Card title="How one reaches it">
      <p className="muted">
        By its numbers; on a page with <code>{`<sales-agent-widget agent="${slug}">`}</code>; with{" "}
        <code>?agent={slug}</code> at <code>/v1/realtime</code>; as <code>agent</code> of a call or a call list.{" "}
        <a href={`/talk?agent=${slug}`}>Talk to it</a> or see <a href={linkTo("conversations")}>its conversations</a>.
      </p>
    </Card>
  );
}
