import { type ReactElement, useCallback, useState } from "react";
import { useLoad } from "../action";
import type { Http } from "../api/http";
import type { Page, WebhookEventKind } from "../api/types";
import { Loading, Problem } from "../parts";

interface Props {
  http: Http;
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** Which events are wanted, each with its meaning. */
export function ChooseEvents({ http, chosen, onChange }: Props): ReactElement {
  const [kinds, setKinds] = useState<WebhookEventKind[] | null>(null);
  const { error } = useLoad(
    useCallback(async () => setKinds((await http.get<Page<WebhookEventKind>>("/api/webhooks/events")).items), [http]),
  );
  const all = chosen.includes("*");
  const toggle = (type: string, wanted: boolean): void =>
    onChange(wanted ? [...chosen, type] : chosen.filter((each) => each !== type));
  return (
    <fieldset className="scopes events">
      <legend>What it hears of</legend>
      <Problem error={error} />
      {!kinds && !error && <Loading />}
      {kinds && (
        <>
          <label>
            <input type="checkbox" checked={all} onChange={({ target }) => onChange(target.checked ? ["*"] : [])} />
            <span>
              Everything <small>what there will be later, too</small>
            </span>
          </label>
          {!all &&
            kinds
              .filter(({ type }) => type !== "webhook.test")
              .map(({ type, meaning }) => (
                <label key={type}>
                  <input
                    type="checkbox"
                    checked={chosen.includes(type)}
                    onChange={({ target }) => toggle(type, target.checked)}
                  />
                  <span>
                    <code>{type}</code> <small>{meaning.replaceAll("`", "")}</small>
                  </span>
                </label>
              ))}
        </>
      )}
    </fieldset>
  );
}
