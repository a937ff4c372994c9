import { type ReactElement, useCallback, useState } from "react";
import { useLoad } from "../action";
import type { Http } from "../api/http";
import type { ListedConversation, Page } from "../api/types";
import { ConversationList } from "../conversations/list";
import { Card, Empty, Problem } from "../parts";

/** The conversations with a lead. */
export function Talks({ http, id }: { http: Http; id: string }): ReactElement {
  const [talks, setTalks] = useState<ListedConversation[] | null>(null);
  const load = useLoad(
    useCallback(async () => {
      setTalks((await http.get<Page<ListedConversation>>("/api/conversations", { lead_id: id, limit: 10 })).items);
    }, [http, id]),
  );
  return (
    <Card title="Conversations">
      <Problem error={load.error} />
      {talks?.length === 0 && <Empty title="None yet." />}
      {talks && talks.length > 0 && <ConversationList conversations={talks} selected={null} />}
    </Card>
  );
}
