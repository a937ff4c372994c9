import type { ReactElement } from "react";
import type { Http } from "../api/http";
import type { PeopleToCall } from "../api/types";
import { Counted } from "../campaigns/counted";
import { reasonsTold } from "./names";

interface Props {
  http: Http;
  /** As the API takes it. */
  asked: { max_leads: number };
  /** How many would be called; null while that is not known. */
  onCount: (people: number | null) => void;
}

const peopleOf = ({ people }: PeopleToCall): number => people;

/** Whom a call list would call. */
export function PeopleCount({ http, asked, onCount }: Props): ReactElement {
  return (
    <Counted http={http} path="/api/call-lists/audience" asked={asked} countOf={peopleOf} onCount={onCount}>
      {({ people, left_out }) => (
        <>
          <p>
            <b>{people === 1 ? "1 person" : `${people.toLocaleString()} people`}</b> would be called
            {people === asked.max_leads && " – the newest; more may be like that"}.
            {people === 0 && " Record consents, ask for less, or import leads first."}
          </p>
          {reasonsTold(left_out) && <p className="muted">Left out: {reasonsTold(left_out)}.</p>}
        </>
      )}
    </Counted>
  );
}
