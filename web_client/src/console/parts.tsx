import type { ReactElement, ReactNode } from "react";
import type { ApiError } from "./api/http";
import { moment } from "./times";

/** What the pages are put together from. */

export function Problem({ error }: { error: ApiError | null }): ReactElement | null {
  if (!error) return null;
  return (
    <p className="problem" role="alert">
      {error.message} <code>{error.code}</code>
    </p>
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

export function Badge({ tone, children }: { tone: Tone; children: ReactNode }): ReactElement {
  return (
    <span className="badge" data-tone={tone}>
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
