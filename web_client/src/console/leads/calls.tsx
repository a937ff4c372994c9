import { type ReactElement, useCallback, useEffect, useState } from "react";
import { useAction, useLoad } from "../action";
import type { Http } from "../api/http";
import type { Page, PhoneCall } from "../api/types";
import { isUnderWay } from "../calls/names";
import { ConfirmButton } from "../confirm_button";
import { Ago } from "../moment";
import { Card, Empty, Problem, words } from "../parts";
import { linkTo } from "../router";

const EVERY_MS = 2000;

/** Calls to a lead, with why one was refused; the button asks first. */
export function Calls({ http, id }: { http: Http; id: string }): ReactElement {
  const [calls, setCalls] = useState<PhoneCall[] | null>(null);
  const load = useLoad(
    useCallback(async () => {
      setCalls((await http.get<Page<PhoneCall>>("/api/calls", { lead_id: id, limit: 5 })).items);
    }, [http, id]),
  );
  const underWay = calls?.find(isUnderWay);
  useEffect(() => {
    if (!underWay) return;
    const timer = setTimeout(() => void load.run(), EVERY_MS);
    return () => clearTimeout(timer);
  }, [underWay, load.run]);
  const dial = useAction(async () => {
    try {
      await http.post<PhoneCall>("/api/calls", { lead_id: id });
    } finally {
      await load.run();
    }
  });
  const hangUp = useAction(async (call: string) => {
    await http.post<PhoneCall>(`/api/calls/${encodeURIComponent(call)}/cancel`, {});
    await load.run();
  });
  return (
    <Card
      title="Calls"
      aside={
        underWay ? (
          <button type="button" disabled={hangUp.busy} onClick={() => void hangUp.run(underWay.id)}>
            Hang up
          </button>
        ) : (
          <ConfirmButton question="Call now?" yes="Call" disabled={dial.busy} onConfirm={() => void dial.run()}>
            Call
          </ConfirmButton>
        )
      }
    >
      <Problem error={dial.error ?? hangUp.error ?? load.error} />
      {calls?.length === 0 && <Empty title="None yet." />}
      {calls && calls.length > 0 && (
        <ul>
          {calls.map((call) => (
            <li key={call.id}>
              <Ago moment={call.created_at} />{" "}
              {call.conversation_id ? (
                <a href={linkTo("conversations", call.conversation_id)}>{words(call.status)}</a>
              ) : (
                words(call.status)
              )}
              {call.message && <small> {call.message}</small>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
