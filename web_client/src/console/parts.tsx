import { type ReactElement, type ReactNode, useState } from "react";
import type { ApiError } from "./api/http";
import { useLost } from "./connection";
import { moment } from "./times";

/** What the pages are put together from. */

/** What failed. What is asked again by itself says so, and can be asked at once; that the server does not answer at all
 * is said for the whole console. */
export function Problem({ error }: { error: ApiError | null }): ReactElement | null {
  const isLost = useLost();
  const [tried, setTried] = useState<ApiError | null>(null);
  if (!error || (isLost && error.again && error.code === "no_answer")) return null;
  if (!error.again) {
    return (
      <p className="problem" role="alert">
        {error.message} <code>{error.code}</code>
        {error.code === "insufficient_permissions" && " Forget this key, and enter one that may."}
      </p>
    );
  }
  const tryNow = (): void => {
    setTried(error);
    error.again?.();
  };
  return (
    <div className="problem retried">
      <p role="alert">
        This could not be brought up to date: {error.message} <code>{error.code}</code> The console tries again by
        itself.
      </p>
      <button type="button" disabled={tried === error} onClick={tryNow}>
        {tried === error ? "Trying…" : "Try now"}
      </button>
    </div>
  );
}

/** Shown until the first answer; not at once, since most come at once. */
export function Loading(): ReactElement {
  return (
    <p className="loading" role="status">
      Loading…
    </p>
  );
}

/** A place where nothing is yet, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactElement {
  return (
    <div className="empty">
      <p>
        <b>{title}</b>
      </p>
      {children}
    </div>
  );
}

export function Card({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}): ReactElement {
  return (
    <section className="card" aria-label={title}>
      <header className="card-head">
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

export type Tone = "ok" | "degraded" | "down" | "off";

/** `live`: it goes on now, and its dot moves. */
export function Badge({
  tone,
  live = false,
  children,
}: {
  tone: Tone;
  live?: boolean;
  children: ReactNode;
}): ReactElement {
  return (
    <span className="badge" data-tone={tone} data-live={live}>
      {children}
    </span>
  );
}

/** A figure with its name. */
export function Figure({ name, value, note }: { name: string; value: ReactNode; note?: ReactNode }): ReactElement {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>
        {value}
        {note && <small>{note}</small>}
      </dd>
    </div>
  );
}

export const words = (name: string): string => name.replaceAll("_", " ");

export const capital = (name: string): string => name.charAt(0).toUpperCase() + words(name).slice(1);

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** A value of any kind as a person reads it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "string") return MOMENT.test(value) ? moment(value) : value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return JSON.stringify(value, null, 1);
}
