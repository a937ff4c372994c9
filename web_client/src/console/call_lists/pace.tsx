import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import { AgentChoice, useAgents } from "../agent/choice";
import { Amount } from "../amount";
import type { Http } from "../api/http";
import type { CallList } from "../api/types";
import { Problem } from "../parts";

interface Props {
  http: Http;
  place: string;
  list: CallList;
  onChanged: () => void;
}

/** How fast a list calls, how often each person, and in whose name; the next call is as it says then. */
export function Pace({ http, place, list, onChanged }: Props): ReactElement {
  const [atOnce, setAtOnce] = useState(String(list.at_once));
  const [perHour, setPerHour] = useState(String(list.per_hour ?? ""));
  const [attempts, setAttempts] = useState(String(list.attempts));
  const agents = useAgents(http);
  const talksNow = list.agent === "default" ? "" : (list.agent ?? "");
  const [agent, setAgent] = useState(talksNow);
  const wanted = {
    at_once: Number(atOnce),
    per_hour: perHour === "" ? null : Number(perHour),
    attempts: Number(attempts),
  };
  const save = useAction(async () => {
    await http.send("PATCH", place, { body: { ...wanted, ...(agent !== talksNow && { agent: agent || null }) } });
    onChanged();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void save.run();
  };
  const isSame =
    agent === talksNow &&
    wanted.at_once === list.at_once &&
    wanted.per_hour === list.per_hour &&
    wanted.attempts === list.attempts;
  return (
    <form className="campaign-budget pace" onSubmit={submit}>
      <Amount label="Lines at once" value={atOnce} min={1} max={100} step={1} onChange={setAtOnce} />
      <Amount
        label="Calls an hour"
        value={perHour}
        min={1}
        max={3600}
        step={1}
        required={false}
        onChange={setPerHour}
      />
      <Amount label="Attempts each" value={attempts} min={1} max={10} step={1} onChange={setAttempts} />
      <AgentChoice agents={agents} before={talksNow} value={agent} onChange={setAgent} />
      <button type="submit" disabled={save.busy || isSame}>
        Save
      </button>
      <Problem error={save.error} />
    </form>
  );
}
