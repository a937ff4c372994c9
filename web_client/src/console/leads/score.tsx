import type { ReactElement } from "react";
import type { LeadRecord } from "../api/types";
import { Badge, type Tone } from "../parts";

const TONES: Record<string, Tone> = { hot: "ok", warm: "degraded", cold: "off" };

/** A lead's score with its tier. */
export function Score({ lead }: { lead: LeadRecord }): ReactElement {
  if (lead.qualification_score === null) return <small>not yet</small>;
  const tier = lead.qualification_tier ?? "";
  return (
    <Badge tone={TONES[tier] ?? "off"}>
      {lead.qualification_score} {tier}
    </Badge>
  );
}
