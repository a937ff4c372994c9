import type { ReactElement } from "react";
import type { ResearchReport, Source } from "../api/types";
import { usd } from "../costs/usd";
import { Figure } from "../parts";
import { milliseconds } from "../times";
import { percent, safeLink } from "./names";

/** What was found, how sure it is, where it is from, and what is missing. */
export function Report({ report }: { report: ResearchReport }): ReactElement {
  const source = (id: number): Source | undefined => report.sources.find((each) => each.id === id);
  return (
    <div className="research">
      <p>{report.summary}</p>
      <dl className="figures">
        {report.confidence > 0 && <Figure name="Sure" value={percent(report.confidence)} />}
        <Figure name="Took" value={milliseconds(report.latency_ms)} />
        <Figure name="Cost" value={usd(report.cost_usd)} />
        <Figure name="Engine" value={report.engine} />
      </dl>
      {report.claims.length > 0 && (
        <section aria-label="Claims">
          <h3>What was found</h3>
          <ol className="claims">
            {report.claims.map((claim) => (
              <li key={claim.text}>
                <p>{claim.text}</p>
                <small>
                  {percent(claim.confidence)} sure ·{" "}
                  {claim.sources.map((id) => {
                    const of = source(id);
                    return of && <SourceLink key={id} source={of} />;
                  })}
                </small>
              </li>
            ))}
          </ol>
        </section>
      )}
      {report.not_found.length > 0 && (
        <section aria-label="Not found">
          <h3>Not found</h3>
          <ul>
            {report.not_found.map((gap) => (
              <li key={gap}>{gap}</li>
            ))}
          </ul>
        </section>
      )}
      {report.not_searched.length > 0 && (
        <section aria-label="Not searched">
          <h3>Not searched</h3>
          <ul>
            {report.not_searched.map(({ source: of, message }) => (
              <li key={of + message}>{message}</li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function SourceLink({ source: { kind, title, text, url } }: { source: Source }): ReactElement {
  const link = safeLink(url);
  const name = `${title} (${kind})`;
  return (
    <span className="source" title={text}>
      {link ? (
        <a href={link} target="_blank" rel="noopener noreferrer">
          {name}
        </a>
      ) : (
        name
      )}
    </span>
  );
}
