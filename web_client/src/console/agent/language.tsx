import { type ReactElement, useCallback, useState } from "react";
import { useLoad } from "../action";
import type { Http } from "../api/http";
import type { Language, Languages, Setup } from "../api/types";
import { Choice } from "../choice";
import { Badge, Problem } from "../parts";

interface Props {
  http: Http;
  /** A tag, with a region or without. */
  value: string;
  onChange: (language: string) => void;
}

/** What it talks, of the languages that the server understands. */
export function LanguageField({ http, value, onChange }: Props): ReactElement {
  const [languages, setLanguages] = useState<readonly Language[]>([]);
  const load = useLoad(
    useCallback(async () => setLanguages((await http.get<Languages>("/api/voice/languages")).items), [http]),
  );
  const [lacking, setLacking] = useState<readonly string[]>([]);
  useLoad(
    useCallback(async () => {
      const models = (await http.get<Setup>("/api/setup")).items.find(({ name }) => name === "models");
      setLacking(models?.missing ?? []);
    }, [http]),
  );
  return (
    <div className="hinted">
      <Choice label="Language" value={value} onChange={onChange}>
        {!languages.some(({ code }) => code === value) && <option value={value}>{nameOf(value)}</option>}
        {languages.map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </Choice>
      {languages.length === 1 && <small>The embedded recogniser understands English alone; others need a key.</small>}
      {lacking.length > 0 && !value.startsWith("en") && (
        <small>
          <Badge tone="degraded">Needs a model</Badge> The embedded playbook's rules are English: until{" "}
          <code>{lacking.join(", ")}</code> is set, this agent answers with what is taught in its language alone, and
          passes callers on to a person.
        </small>
      )}
      <Problem error={load.error} />
    </div>
  );
}

const nameOf = (tag: string): string => new Intl.DisplayNames("en", { type: "language" }).of(tag) ?? tag;
