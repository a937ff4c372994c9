import { type ReactElement, useCallback } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { ApiKeyRecord, Page } from "../api/types";
import { ConfirmButton } from "../confirm_button";
import { Ago } from "../moment";
import { MoreRows } from "../more_rows";
import { type Paged, usePages } from "../paging";
import { Badge, Card, Loading, Problem } from "../parts";
import { type Column, Table } from "../table";
import { scopesTold } from "./scopes";

const EVERY_MS = 15_000;
const LIMIT = 50;

const idOf = ({ id }: ApiKeyRecord): string => id;

/** The keys, newest first. */
export function useKeys(http: Http): Paged<ApiKeyRecord> {
  return usePages(
    useCallback((cursor: string | null) => http.get<Page<ApiKeyRecord>>("/api/keys", { limit: LIMIT, cursor }), [http]),
    idOf,
    EVERY_MS,
  );
}

/** Which keys there are, what each may do, and when it was last used. */
export function KeysCard({ http, keys }: { http: Http; keys: Paged<ApiKeyRecord> }): ReactElement {
  const { rows, error } = keys;
  return (
    <Card title="Keys">
      <Problem error={error} />
      {!rows && !error && <Loading />}
      {rows && rows.length > 0 && <Table name="Keys" rows={rows} keyOf={idOf} columns={columnsOf(http, keys.again)} />}
      <MoreRows {...keys} />
    </Card>
  );
}

const columnsOf = (http: Http, again: () => void): Column<ApiKeyRecord>[] => [
  {
    head: "Key",
    cell: ({ name, prefix }) => (
      <>
        {name}
        <br />
        <small>
          <code>{prefix}…</code>
        </small>
      </>
    ),
  },
  { head: "May", cell: ({ scopes }) => scopesTold(scopes) },
  { head: "Used", cell: ({ last_used_at }) => (last_used_at ? <Ago moment={last_used_at} /> : "never") },
  { head: "Made", minor: true, cell: ({ created_at }) => <Ago moment={created_at} /> },
  { head: "", number: true, cell: (key) => <Revoke http={http} apiKey={key} onRevoked={again} /> },
];

interface RevokeProps {
  http: Http;
  apiKey: ApiKeyRecord;
  onRevoked: () => void;
}

function Revoke({ http, apiKey: { id, revoked_at }, onRevoked }: RevokeProps): ReactElement {
  const revoke = useAction(async () => {
    await http.send("DELETE", `/api/keys/${encodeURIComponent(id)}`);
    onRevoked();
  });
  if (revoked_at) return <Badge tone="off">revoked</Badge>;
  return (
    <>
      <ConfirmButton
        question="Whoever uses it is locked out."
        yes="Revoke"
        disabled={revoke.busy}
        onConfirm={() => void revoke.run()}
      >
        Revoke
      </ConfirmButton>
      <Problem error={revoke.error} />
    </>
  );
}
