import { type ReactElement, useMemo, useState } from "react";
import type { Subject } from "../api/types";
import type { PageProps } from "../app";
import { ErasuresCard, useErasures } from "../erasures/list";
import { PersonActions } from "../erasures/person";
import { Field } from "../field";
import { Card } from "../parts";

/** What people asked to have erased, and what was. */
export function ErasuresPage({ http }: PageProps): ReactElement {
  const page = useErasures(http);
  const [named, setNamed] = useState("");
  const subject = useMemo(() => subjectOf(named), [named]);
  return (
    <>
      <Card title="Show or erase a person's data">
        <div className="form">
          <Field label="Number or e-mail address" placeholder="ada@example.com" value={named} onChange={setNamed} />
          <PersonActions key={named} http={http} subject={subject} />
        </div>
      </Card>
      <ErasuresCard http={http} page={page} />
    </>
  );
}

function subjectOf(named: string): Subject | null {
  const text = named.trim();
  if (!text) return null;
  return text.includes("@") ? { email: text } : { phone: text };
}
