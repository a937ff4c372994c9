import { type KeyboardEvent, memo, type PointerEvent, type ReactElement } from "react";
import type { AudioOutline } from "../../api/types";
import { clock, wave } from "./moments";

const STEP_MS = 5_000;

interface Props {
  outline: AudioOutline;
  ms: number;
  playing: boolean;
  onSeek: (ms: number) => void;
  onToggle: () => void;
}

/** The caller above, the agent below; a click goes there. */
export function Player({ outline, ms, playing, onSeek, onToggle }: Props): ReactElement {
  const { duration_ms } = outline;
  const seek = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.type === "pointermove" && event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    onSeek(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * duration_ms);
  };
  const step = (event: KeyboardEvent): void => {
    const by = { ArrowRight: STEP_MS, ArrowUp: STEP_MS, ArrowLeft: -STEP_MS, ArrowDown: -STEP_MS }[event.key];
    const to = by !== undefined ? ms + by : { Home: 0, End: duration_ms }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    onSeek(Math.min(duration_ms, Math.max(0, to)));
  };
  return (
    <div className="player">
      <button type="button" onClick={onToggle} aria-label={playing ? "Pause" : "Play"}>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d={playing ? "M6 4h4v16H6zM14 4h4v16h-4z" : "M7 4l14 8-14 8z"} />
        </svg>
      </button>
      <div
        className="lanes"
        role="slider"
        tabIndex={0}
        aria-label="Moment of the call"
        aria-valuemin={0}
        aria-valuemax={Math.round(duration_ms / 1000)}
        aria-valuenow={Math.round(ms / 1000)}
        aria-valuetext={`${clock(ms)} of ${clock(duration_ms)}`}
        onPointerDown={seek}
        onPointerMove={seek}
        onKeyDown={step}
      >
        <Lane voice="caller" name="Caller" peaks={outline.caller} />
        <Lane voice="agent" name="Agent" peaks={outline.agent} />
        <i style={{ insetInlineStart: `${duration_ms ? Math.min(100, (ms / duration_ms) * 100) : 0}%` }} />
      </div>
      <output>
        {clock(ms)} <span>/ {clock(duration_ms)}</span>
      </output>
    </div>
  );
}

const Lane = memo(({ voice, name, peaks }: { voice: string; name: string; peaks: readonly number[] }): ReactElement => {
  return (
    <div className="lane" data-voice={voice}>
      <small>{name}</small>
      <svg viewBox={`0 0 ${Math.max(1, peaks.length)} 2`} preserveAspectRatio="none" aria-hidden="true">
        <path d={wave(peaks)} />
      </svg>
    </div>
  );
});
