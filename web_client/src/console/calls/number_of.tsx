import type { ReactElement } from "react";
import type { ListedConsent, ListedSuppression } from "../api/types";
import { nameOf } from "../conversations/identity";
import { linkTo } from "../router";

/** A number on a list, and whose it is where that is known. */
export function NumberOf({ row }: { row: ListedConsent | ListedSuppression }): ReactElement {
  const { number, lead_id } = row;
  const name = nameOf(row);
  if (!lead_id) return <>{number}</>;
  return (
    <>
      <a href={linkTo("leads", lead_id)}>{name ?? number}</a>
      {name && (
        <>
          <br />
          <small>{number}</small>
        </>
      )}
    </>
  );
}
