import { type ReactElement, useCallback, useState } from "react";
import type { Http } from "../api/http";
import type { Setup, SetupStep } from "../api/types";
import { CopyText } from "../copy_text";
import { Card } from "../parts";
import { usePolling } from "../polling";
import { CrmKey } from "./crm_key";
import { CARRIERS, linesOf, progressOf, STEPS, type Taken, usedNow } from "./steps";

const EVERY_MS = 20_000;
const HIDDEN = "sales-agent-setup-hidden";

/** What is set up and what to set next; gone once all is done, or when it is not wanted. */
export function SetupCard({ http }: { http: Http }): ReactElement | null {
  const [hidden, setHidden] = useState(() => localStorage.getItem(HIDDEN) !== null);
  if (hidden) return null;
  const hide = (): void => {
    localStorage.setItem(HIDDEN, "yes");
    setHidden(true);
  };
  return <Steps http={http} onHide={hide} />;
}

function Steps({ http, onHide }: { http: Http; onHide: () => void }): ReactElement | null {
  const { value, again } = usePolling(
    useCallback(() => http.get<Setup>("/api/setup"), [http]),
    EVERY_MS,
  );
  if (!value) return null;
  const { done, all } = progressOf(value);
  if (done === all) return null;
  const next = value.items.find((step) => !step.done);
  return (
    <Card
      title="Get it going"
      aside={
        <span className="buttons setup-aside">
          <progress aria-label={`Done: ${done} of ${all}`} max={all} value={done} />
          <small>
            {done} of {all}
          </small>
          <button type="button" onClick={onHide}>
            Hide this
          </button>
        </span>
      }
    >
      <ul className="setup">
        {value.items.map((step) => (
          <li key={step.name} data-done={step.done}>
            {step.done ? (
              <p>
                {STEPS[step.name].title} {step.using && <small>{usedNow(step)}</small>}
                <span className="sr"> (done)</span>
              </p>
            ) : (
              <details open={step === next}>
                <summary>{STEPS[step.name].title}</summary>
                <Step http={http} step={step} url={value.url} onChanged={again} />
              </details>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

interface Props {
  http: Http;
  step: SetupStep;
  url: string;
  onChanged: () => void;
}

function Step({ http, step, url, onChanged }: Props): ReactElement {
  const { title, why, page, take } = STEPS[step.name];
  return (
    <div className="setup-step">
      <p>{why(usedNow(step))}</p>
      {step.ways.length === 0 && <Needed title={title} missing={step.missing} taken={take?.(url)} />}
      {step.ways.map(({ carrier, missing }) => {
        const { name, take: takeTo } = CARRIERS[carrier];
        return (
          <section key={carrier} className="setup-step" aria-label={`${title}: ${name}`}>
            {step.ways.length > 1 && <h3>{name}</h3>}
            <Needed title={`${title}, ${name}`} missing={missing} taken={takeTo(url)} />
          </section>
        );
      })}
      {page && (
        <p>
          <a className="button primary" href={page.link}>
            {page.name}
          </a>
        </p>
      )}
      {step.name === "crm" && <CrmKey http={http} onConnected={onChanged} />}
    </div>
  );
}

interface NeededProps {
  title: string;
  missing: readonly string[];
  taken: Taken | undefined;
}

/** The lines to complete on the server, and what to enter elsewhere. */
function Needed({ title, missing, taken }: NeededProps): ReactElement {
  return (
    <>
      {missing.length > 0 && (
        <>
          <p className="muted">
            Complete in <code>.env</code>, then start the server again:
          </p>
          <CopyText label={`lines for ${title}`} text={linesOf(missing)} />
        </>
      )}
      {taken && (
        <>
          <p className="muted">{taken.to}</p>
          <CopyText label={taken.to} text={taken.text} />
        </>
      )}
    </>
  );
}
