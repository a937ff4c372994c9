import type { ReactElement } from "react";
import type { Channel } from "../api/types";
import { CHANNELS } from "./identity";

/** Strokes on a square of 24. */
const STROKES: Record<Channel, string> = {
  phone: "M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 6a2 2 0 0 1 2-2",
  widget: "M21 12a8 8 0 0 1-8 8H4l2-3.5A8 8 0 1 1 21 12",
  webrtc: "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3M5 11a7 7 0 0 0 14 0M12 18v3",
  websocket: "M4 8h13l-4-4M20 16H7l4 4",
  terminal: "M4 6l6 6-6 6M13 18h7",
  api: "M8 5c-3 0-1 6-4 7 3 1 1 7 4 7M16 5c3 0 1 6 4 7-3 1-1 7-4 7",
};

/** The way a conversation came in. */
export function ChannelIcon({ channel }: { channel: Channel }): ReactElement {
  return (
    <svg className="channel-icon" viewBox="0 0 24 24" role="img" aria-label={CHANNELS[channel] ?? channel}>
      <title>{CHANNELS[channel] ?? channel}</title>
      <path d={STROKES[channel] ?? STROKES.api} />
    </svg>
  );
}
