import { type ReactElement, useCallback, useEffect, useState } from "react";
import { type Action, type Load, useAction, useLoad } from "../action";
import type { ApiError, Http } from "../api/http";
import type { Page, PhoneCall } from "../api/types";
import { callName, isUnderWay, STATUS_NAMES } from "../calls/names";
import { useRecord } from "../calls/record";
import { WhyNotMade } from "../calls/refusal";
import { Standing } from "../calls/standing";
import { ConfirmButton } from "../confirm_button";
import { Ago } from "../moment";
import { Card, Empty, Problem } from "../parts";
import { linkTo } from "../router";

const EVERY_MS = 2000;
const LIMIT = 20;

export interface LeadCalls {
  /** Null before the first answer. */
  rows: readonly PhoneCall[] | null;
  underWay: PhoneCall | undefined;
  load: Load;
  dial: Action<[]>;
  hangUp: Action<[string]>;
  error: ApiError | null;
}

/** The last calls to a lead, as they go on. */
export function useLeadCalls(http: Http, id: string): LeadCalls {
  const [rows, setRows] = useState<PhoneCall[] | null>(null);
  const load = useLoad(
    useCallback(async () => {
      setRows((await http.get<Page<PhoneCall>>("/api/calls", { lead_id: id, limit: LIMIT })).items);
    }, [http, id]),
  );
  const { run } = load;
  const underWay = rows?.find(isUnderWay);
  useEffect(() => {
    if (!underWay) return;
    const timer = setTimeout(() => void run(), EVERY_MS);
    return () => clearTimeout(timer);
  }, [underWay, run]);
  const dial = useAction(
    useCallback(async () => {
      try {
        await http.post<PhoneCall>("/api/calls", { lead_id: id });
      } finally {
        await run();
      }
    }, [http, id, run]),
  );
  const hangUp = useAction(
    useCallback(
      async (call: string) => {
        await http.post<PhoneCall>(`/api/calls/${encodeURIComponent(call)}/cancel`, {});
        await run();
      },
      [http, run],
    ),
  );
  const error = (dial.error && callName(dial.error)) ?? hangUp.error ?? load.error;
  return { rows, underWay, load, dial, hangUp, error };
}

/** Calls, after a question; hangs up while a call goes on. */
export function CallButton({ calls: { underWay, dial, hangUp } }: { calls: LeadCalls }): ReactElement {
  if (underWay) {
    return (
      <button type="button" disabled={hangUp.busy} onClick={() => void hangUp.run(underWay.id)}>
        Hang up
      </button>
    );
  }
  return (
    <ConfirmButton question="Call now?" yes="Call" disabled={dial.busy} onConfirm={() => void dial.run()}>
      Call
    </ConfirmButton>
  );
}

interface Props {
  http: Http;
  /** Of the lead. */
  name: string;
  number: string;
  optedOutAt: string | null;
  calls: LeadCalls;
  hasButton: boolean;
}

/** Whether a lead may be called, and the calls, with why one was refused and what can be done about it. */
export function CallsCard({ http, name, number, optedOutAt, calls, hasButton }: Props): ReactElement {
  const record = useRecord(http, number);
  const { rows, error, load } = calls;
  const changed = (): void => {
    record.again();
    void load.run();
  };
  return (
    <Card title="Calls" aside={hasButton && <CallButton calls={calls} />}>
      <Problem error={error ?? record.error} />
      <Standing record={record} number={number} optedOutAt={optedOutAt} />
      {rows?.length === 0 && <Empty title="None yet." />}
      {rows && rows.length > 0 && (
        <ul className="lead-calls">
          {rows.map((call) => (
            <li key={call.id}>
              <Ago moment={call.created_at} precise />{" "}
              {call.conversation_id ? (
                <a href={linkTo("conversations", call.conversation_id)}>{STATUS_NAMES[call.status]}</a>
              ) : (
                STATUS_NAMES[call.status]
              )}{" "}
              <WhyNotMade http={http} call={call} name={name || call.to} onChanged={changed} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
