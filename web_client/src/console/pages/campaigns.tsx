import type { ReactElement } from "react";
import type { PageProps } from "../app";
import { CampaignDetail } from "../campaigns/detail";
import { CampaignList } from "../campaigns/list";
import { PlanCard } from "../campaigns/plan";

/** Messages to many leads: planned, written, read, approved, sent, and what came of them. */
export function CampaignsPage({ http, id }: PageProps): ReactElement {
  if (id === "new") return <PlanCard http={http} />;
  if (id !== null) return <CampaignDetail key={id} http={http} id={id} />;
  return <CampaignList http={http} />;
}
