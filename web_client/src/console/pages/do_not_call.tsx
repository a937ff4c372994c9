import type { ReactElement } from "react";
import type { PageProps } from "../app";
import { AddNumberCard, ImportNumbersCard } from "../do_not_call/add";
import { NumbersCard, useNumbers } from "../do_not_call/list";

/** Numbers nobody may call. */
export function DoNotCallPage({ http }: PageProps): ReactElement {
  const numbers = useNumbers(http);
  return (
    <>
      <div className="columns">
        <AddNumberCard http={http} onAdded={numbers.page.again} />
        <ImportNumbersCard http={http} onAdded={numbers.page.again} />
      </div>
      <NumbersCard http={http} numbers={numbers} />
    </>
  );
}
