import type { ReactElement } from "react";
import type { Campaign } from "../api/types";
import { usd } from "../costs/usd";
import { KIND_NAMES, KINDS } from "./names";

/** How far the messages are, as parts of a bar; `keys`: with what each part is. */
export function MessageBar({ campaign, keys = false }: { campaign: Campaign; keys?: boolean }): ReactElement {
  const { messages } = campaign;
  const parts = KINDS.filter((kind) => messages[kind] > 0);
  const told = parts.map((kind) => `${messages[kind].toLocaleString()} ${KIND_NAMES[kind].toLowerCase()}`).join(", ");
  return (
    <>
      <div className="part-bar" role="img" aria-label={told || "Nobody is in it"}>
        {parts.map((kind) => (
          <i key={kind} data-kind={kind} style={{ flexGrow: messages[kind] }} title={KIND_NAMES[kind]} />
        ))}
      </div>
      {keys ? (
        <ul className="part-keys">
          {parts.map((kind) => (
            <li key={kind}>
              <i data-kind={kind} />
              {KIND_NAMES[kind]} <b>{messages[kind].toLocaleString()}</b>
            </li>
          ))}
        </ul>
      ) : (
        <small>{told || "nobody is in it"}</small>
      )}
    </>
  );
}

/** Money spent against the budget. */
export function BudgetBar({ campaign: { spent_usd, budget_usd } }: { campaign: Campaign }): ReactElement {
  const part = Math.min(1, spent_usd / budget_usd);
  const told = `${usd(spent_usd)} of ${usd(budget_usd)}`;
  return (
    <>
      <div className="part-bar" role="img" aria-label={`Spent: ${told}`}>
        {part > 0 && <i data-kind={part >= 1 ? "failed" : "drafted"} style={{ width: `${100 * part}%` }} />}
      </div>
      <small>{told}</small>
    </>
  );
}
