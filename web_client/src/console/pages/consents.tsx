import { type ReactElement, useState } from "react";
import type { PageProps } from "../app";
import { ConsentsCard, useConsents } from "../consents/list";
import { RecordCard } from "../consents/record";

/** Who agreed to be called. The address may name a number. */
export function ConsentsPage({ http, id }: PageProps): ReactElement {
  const [number, setNumber] = useState(id ?? "");
  const consents = useConsents(http);
  return (
    <>
      <RecordCard http={http} number={number} onNumber={setNumber} onRecorded={consents.page.again} />
      <ConsentsCard consents={consents} onChoose={setNumber} />
    </>
  );
}
