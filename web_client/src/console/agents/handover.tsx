import { type FormEvent, type ReactElement, useEffect, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { AgentName, AgentReply, Transferred } from "../api/types";
import { Choice } from "../choice";
import { Field } from "../field";
import { Card, Problem } from "../parts";
import { linkTo } from "../router";
import { agentName } from "./names";

const TO: readonly AgentName[] = ["bdr", "qualification", "enrichment", "research", "growth", "marketing"];
const TIMEOUT_MS = 120_000;

/** What the note is to the agent it is handed to. */
const NOTES: Partial<Record<AgentName, string>> = {
  research: "The question it is to look into",
  marketing: "What its messages are to bring about",
};

interface Props {
  http: Http;
  /** The conversation or the thread that is at hand. */
  of: string | null;
  /** What the other agent answered, with a thread of its own. */
  onReply: (reply: AgentReply) => void;
}

/** Hands a conversation, or an agent's thread, to another agent with all that is known. */
export function HandoverCard({ http, of, onReply }: Props): ReactElement {
  const [source, setSource] = useState(of ?? "");
  const [to, setTo] = useState<AgentName>("bdr");
  const [note, setNote] = useState("");
  const [done, setDone] = useState<Transferred | null>(null);
  useEffect(() => {
    if (of) setSource(of);
  }, [of]);
  const hand = useAction(async () => {
    const which = source.trim().startsWith("conv_") ? "conversation_id" : "thread_id";
    const body = { to_agent: to, [which]: source.trim(), ...(note.trim() && { note: note.trim() }) };
    const transferred = await http.post<Transferred>("/api/transfer", body, TIMEOUT_MS);
    setDone(transferred);
    setNote("");
    onReply(transferred.reply);
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void hand.run();
  };
  return (
    <Card title="Hand over">
      <form className="form two" onSubmit={submit}>
        <Field
          label="Conversation or thread"
          placeholder="conv_… or thread_…"
          maxLength={100}
          value={source}
          onChange={setSource}
        />
        <Choice label="To" value={to} onChange={(name) => setTo(name as AgentName)}>
          {TO.map((name) => (
            <option key={name} value={name}>
              {agentName(name)}
            </option>
          ))}
        </Choice>
        <Field
          label={NOTES[to] ?? "What it is to know besides"}
          long
          maxLength={1000}
          value={note}
          onChange={setNote}
        />
        <p className="buttons wide">
          <button type="submit" disabled={hand.busy || !source.trim()}>
            {hand.busy ? "Handing over…" : "Hand over"}
          </button>
        </p>
        <Problem error={hand.error} />
      </form>
      <p role="status">
        {done && (
          <>
            {agentName(done.from_agent)} handed over to {agentName(done.reply.agent)}
            {done.lead_id && (
              <>
                , about <a href={linkTo("leads", done.lead_id)}>this lead</a>
              </>
            )}
            . What it answered is above.
          </>
        )}
      </p>
    </Card>
  );
}
