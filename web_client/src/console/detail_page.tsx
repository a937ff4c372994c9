import type { ReactElement, ReactNode } from "react";
import { Card, Loading, Problem } from "./parts";
import type { Polled } from "./polling";
import { linkTo, type PageName } from "./router";

interface Props<T> {
  /** Where all of them are, and their name there. */
  page: PageName;
  all: string;
  /** What it is, until it is known. */
  title: string;
  polled: Polled<T>;
  children: (value: T) => ReactNode;
}

/** A page about one thing. What fails once it is known is the children's to tell. */
export function DetailPage<T>({ page, all, title, polled: { value, error }, children }: Props<T>): ReactElement {
  return (
    <>
      <p>
        <a href={linkTo(page)}>← {all}</a>
      </p>
      {!value && (
        <Card title={title}>
          <Problem error={error} />
          {!error && <Loading />}
        </Card>
      )}
      {value && children(value)}
    </>
  );
}
