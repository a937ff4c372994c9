import { type ReactElement, useCallback } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { PlatformStatus } from "../api/types";
import { Badge, Card, Figure, Problem, type Tone, words } from "../parts";
import { usePolling } from "../polling";
import { ago } from "../times";

const EVERY_MS = 2_000;

const NAMES = { close: "Close", apollo: "Apollo", linkedin: "LinkedIn" };
const SETTINGS = {
  close: "CLOSE_API_KEY",
  apollo: "APOLLO_API_KEY",
  linkedin: "LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET",
};

const TONES: Partial<Record<PlatformStatus["status"], Tone>> = { completed: "ok", partial: "degraded", failed: "down" };

/** Each platform: connected or what to set, the last sync, what waits, and a button to begin one. */
export function PlatformsCard({ http }: { http: Http }): ReactElement {
  const { value, error } = usePolling(
    useCallback(() => http.get<{ platforms: PlatformStatus[] }>("/api/sync/status"), [http]),
    EVERY_MS,
  );
  return (
    <Card title="CRMs">
      <Problem error={error} />
      <div className="platforms">
        {value?.platforms.map((status) => (
          <PlatformView key={status.platform} http={http} status={status} />
        ))}
      </div>
    </Card>
  );
}

function PlatformView({ http, status }: { http: Http; status: PlatformStatus }): ReactElement {
  const { platform, connected, running } = status;
  const trigger = useAction(
    useCallback(
      (full: boolean) =>
        http.post("/api/sync/trigger", {
          platform,
          full,
          direction: platform === "close" ? "bidirectional" : "import",
        }),
      [http, platform],
    ),
  );
  return (
    <section className="platform" aria-label={NAMES[platform]}>
      <h3>
        {NAMES[platform]}{" "}
        {connected ? (
          <Badge tone={status.circuit === "open" ? "down" : (TONES[status.status] ?? "off")}>
            {status.circuit === "open" ? "does not answer" : words(status.status)}
          </Badge>
        ) : (
          <Badge tone="off">not connected</Badge>
        )}
      </h3>
      {connected ? (
        <Facts status={status} />
      ) : (
        <p className="muted">
          Set <code>{SETTINGS[platform]}</code> and start the server again.
        </p>
      )}
      {running && <Running {...running} />}
      {connected && (
        <p className="buttons">
          <button type="button" disabled={trigger.busy || running !== null} onClick={() => void trigger.run(false)}>
            Sync now
          </button>
          <button type="button" disabled={trigger.busy || running !== null} onClick={() => void trigger.run(true)}>
            Compare everything
          </button>
        </p>
      )}
      <Problem error={trigger.error} />
    </section>
  );
}

function Facts({ status }: { status: PlatformStatus }): ReactElement {
  const { last_sync_at, contacts_created, contacts_updated, contacts_failed, waiting_in, waiting_out } = status;
  return (
    <>
      <dl className="figures">
        <Figure name="Last success" value={last_sync_at ? ago(last_sync_at, Date.now()) : "never"} />
        <Figure name="New" value={contacts_created} />
        <Figure name="Changed" value={contacts_updated} />
        <Figure name="Failed" value={contacts_failed} />
        <Figure name="Waiting" value={`${waiting_in} in · ${waiting_out} out`} />
      </dl>
      {status.errors.length > 0 && (
        <p className="problem">{status.errors.map(({ code, count }) => `${words(code)} (${count})`).join(", ")}</p>
      )}
    </>
  );
}

function Running({ phase, contacts_processed, total }: NonNullable<PlatformStatus["running"]>): ReactElement {
  return (
    <p className="progress">
      <progress aria-label={`Syncing: ${phase}`} {...(total ? { max: total, value: contacts_processed } : {})} />
      <small>
        {words(phase)} · {contacts_processed}
        {total ? ` of ${total}` : ""}
      </small>
    </p>
  );
}
