import type { ReactElement } from "react";
import type { PageProps } from "../app";
import { AddNumberCard, ImportNumbersCard } from "../do_not_call/add";
import { NumbersCard, useNumbers } from "../do_not_call/list";

/** Numbers nobody may call. The address may name one. */
export function DoNotCallPage({ http, id }: PageProps): ReactElement {
  const numbers = useNumbers(http);
  return (
    <>
      <div className="columns">
        <AddNumberCard key={id} http={http} named={id ?? ""} onAdded={numbers.page.again} onGone={numbers.page.gone} />
        <ImportNumbersCard http={http} onAdded={numbers.page.again} />
      </div>
      <NumbersCard http={http} numbers={numbers} />
    </>
  );
}
