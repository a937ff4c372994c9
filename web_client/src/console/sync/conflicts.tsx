import { type ReactElement, useCallback, useState } from "react";
import type { Http } from "../api/http";
import type { ConflictGroup, ConflictRow, Page } from "../api/types";
import { ShowMore, useGrowing } from "../growing";
import { Card, capital, Empty, Loading, Problem } from "../parts";
import { usePolling } from "../polling";
import { alike, counted, type Like } from "./alike";
import { Conflict, KINDS } from "./conflict";
import { DecideAll } from "./decide_all";
import { PLATFORMS } from "./names";

const EVERY_MS = 6_000;
const STEP = 8;

interface Found {
  groups: ConflictGroup[];
  page: Page<ConflictRow>;
}

/** Contradictions, both values side by side: decided one by one, or all that are alike at once. */
export function ConflictsCard({ http }: { http: Http }): ReactElement {
  const growing = useGrowing(STEP);
  const { limit } = growing;
  const [like, setLike] = useState<Like>({});
  const { value, error, again } = usePolling(
    useCallback(async (): Promise<Found> => {
      const { items } = await http.get<{ items: ConflictGroup[] }>("/api/sync/conflicts/groups");
      return {
        groups: items,
        page: await http.get<Page<ConflictRow>>("/api/sync/conflicts", { state: "open", limit, ...like }),
      };
    }, [http, limit, like]),
    EVERY_MS,
  );
  const these = value ? alike(value.groups, like) : [];
  const platforms = counted(these, "platform");
  const theirs = platforms.length === 1 && platforms[0] ? PLATFORMS[platforms[0].value] : "the CRM";
  return (
    <Card title="Conflicts">
      <Problem error={error} />
      {!value && !error && <Loading />}
      {value && <Filters groups={value.groups} like={like} onChange={setLike} />}
      {value?.page.items.length === 0 && <NoConflicts filtered={value.groups.length > 0} />}
      <DecideAll key={JSON.stringify(like)} http={http} groups={these} like={like} theirs={theirs} onDecided={again} />
      {value?.page.items.map((conflict) => (
        <Conflict key={conflict.id} http={http} conflict={conflict} onDecided={again} />
      ))}
      <ShowMore {...growing} more={Boolean(value?.page.next_cursor)} />
    </Card>
  );
}

function NoConflicts({ filtered }: { filtered: boolean }): ReactElement {
  if (filtered) return <Empty title="No conflict is like that any more." />;
  return (
    <Empty title="Both sides agree.">
      <p>When an e-mail address or a name is changed here and in the CRM at once, you decide here.</p>
    </Empty>
  );
}

interface FiltersProps {
  groups: readonly ConflictGroup[];
  like: Like;
  onChange: (like: Like) => void;
}

/** Which of them; what would leave nothing to choose from is not asked. */
function Filters({ groups, like, onChange }: FiltersProps): ReactElement | null {
  if (groups.length < 2) return null;
  const select = <K extends keyof Like>(
    by: K,
    label: string,
    any: string,
    name: (value: NonNullable<Like[K]>) => string,
  ): ReactElement | null => {
    const choices = counted(groups, by);
    if (choices.length < 2) return null;
    const choose = (chosen: string): void => {
      const { [by]: _, ...others } = like;
      onChange(chosen ? { ...others, [by]: chosen } : others);
    };
    return (
      <select aria-label={label} value={like[by] ?? ""} onChange={(event) => choose(event.target.value)}>
        <option value="">{any}</option>
        {choices.map(({ value, open }) => (
          <option key={value} value={value}>
            {name(value as NonNullable<Like[K]>)} ({open.toLocaleString()})
          </option>
        ))}
      </select>
    );
  };
  return (
    <search className="filters">
      {select("platform", "CRM", "Every CRM", (platform) => PLATFORMS[platform])}
      {select("kind", "Kind of conflict", "Every kind", (kind) => KINDS[kind])}
      {select("field", "Field", "Every field", capital)}
    </search>
  );
}
