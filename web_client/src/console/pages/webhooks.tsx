import type { ReactElement } from "react";
import type { PageProps } from "../app";
import { AddWebhookCard } from "../webhooks/add";
import { WebhookDetail } from "../webhooks/detail";
import { useWebhooks, WebhooksCard } from "../webhooks/list";

/** Other programs that are told of what happens. */
export function WebhooksPage({ http, id }: PageProps): ReactElement {
  if (id !== null) return <WebhookDetail key={id} http={http} id={id} />;
  return <Overview http={http} />;
}

function Overview({ http }: Pick<PageProps, "http">): ReactElement {
  const webhooks = useWebhooks(http);
  return (
    <div className="agenda-columns">
      <WebhooksCard webhooks={webhooks} />
      <AddWebhookCard http={http} onMade={webhooks.again} />
    </div>
  );
}
