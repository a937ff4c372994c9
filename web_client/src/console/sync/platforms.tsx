import { type ReactElement, useCallback } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { PlatformStatus } from "../api/types";
import { Ago } from "../moment";
import { Badge, Card, capital, Figure, Loading, Problem, type Tone, words } from "../parts";
import { usePolling } from "../polling";
import { PLATFORMS } from "./names";

const EVERY_MS = 2_000;

const SETTINGS = {
  close: "CLOSE_API_KEY",
  apollo: "APOLLO_API_KEY",
  linkedin: "LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET",
};

const TONES: Partial<Record<PlatformStatus["status"], Tone>> = { completed: "ok", partial: "degraded", failed: "down" };

/** Each platform: connected or what to set, the last sync, what waits, and a button to begin one. */
export function PlatformsCard({ http }: { http: Http }): ReactElement {
  const { value, error, again } = usePolling(
    useCallback(() => http.get<{ platforms: PlatformStatus[] }>("/api/sync/status"), [http]),
    EVERY_MS,
  );
  return (
    <Card title="CRMs">
      <Problem error={error} />
      {!value && !error && <Loading />}
      <div className="platforms">
        {value?.platforms.map((status) => (
          <PlatformView key={status.platform} http={http} status={status} onStarted={again} />
        ))}
      </div>
    </Card>
  );
}

interface Props {
  http: Http;
  status: PlatformStatus;
  onStarted: () => void;
}

function PlatformView({ http, status, onStarted }: Props): ReactElement {
  const { platform, connected, running } = status;
  const trigger = useAction(
    useCallback(
      async (full: boolean) => {
        const direction = platform === "close" ? "bidirectional" : "import";
        await http.post("/api/sync/trigger", { platform, full, direction });
        onStarted();
      },
      [http, platform, onStarted],
    ),
  );
  return (
    <section className="platform" aria-label={PLATFORMS[platform]}>
      <h3>
        {PLATFORMS[platform]}{" "}
        {connected ? (
          <Badge tone={status.circuit === "open" ? "down" : (TONES[status.status] ?? "off")}>
            {status.circuit === "open" ? "Does not answer" : capital(status.status)}
          </Badge>
        ) : (
          <Badge tone="off">Not connected</Badge>
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
        <Figure name="Last success" value={last_sync_at ? <Ago moment={last_sync_at} /> : "never"} />
        <Figure name="New" value={contacts_created.toLocaleString()} />
        <Figure name="Changed" value={contacts_updated.toLocaleString()} />
        <Figure name="Failed" value={contacts_failed.toLocaleString()} />
        <Figure name="Waiting" value={`${waiting_in.toLocaleString()} in · ${waiting_out.toLocaleString()} out`} />
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
        {words(phase)} · {contacts_processed.toLocaleString()}
        {total ? ` of ${total.toLocaleString()}` : ""}
      </small>
    </p>
  );
}
