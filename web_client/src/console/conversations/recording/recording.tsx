import { type ReactElement, useEffect, useMemo, useRef, useState } from "react";
import { ApiError, type Http } from "../../api/http";
import type { Conversation, ConversationRecording } from "../../api/types";
import { ConfirmButton } from "../../confirm_button";
import { Problem } from "../../parts";
import { usePosition, useSound } from "./listening";
import { itemAt, startsOf, wordAt } from "./moments";
import { Player } from "./player";

/** What the transcript shows of the recording. */
export interface Listening {
  /** Where items begin. */
  starts: ReadonlyMap<string, number>;
  /** Play from there. */
  from: (ms: number) => void;
  /** The item that is heard. */
  itemId: string | null;
  /** Of its words the one that is heard, from 0. */
  word: number | null;
}

interface Props {
  http: Http;
  conversation: Conversation;
  onListening: (listening: Listening | null) => void;
  onDeleted: () => void;
}

/** The sound of a conversation; nothing where there is none. */
export function Recording({ http, conversation, onListening, onDeleted }: Props): ReactElement | null {
  const { id, recordings } = conversation;
  const ready = recordings.filter(({ state }) => state === "ready");
  const [refusal, setRefusal] = useState<ApiError | null>(null);
  const [wanted, setWanted] = useState<string | null>(null);
  const recording = ready.find((one) => one.id === wanted) ?? ready.at(-1) ?? null;
  const { sound, error } = useSound(http, id, recording);
  const player = useRef<HTMLAudioElement>(null);
  const { ms, playing, seek } = usePosition(player, sound?.url);
  const passage = sound ? itemAt(sound.outline, ms) : null;
  const heard = playing || ms > 0 ? passage : null;
  const itemId = heard?.item_id ?? null;
  const word = heard ? wordAt(heard, ms) : null;
  const starts = useMemo(() => sound && startsOf(sound.outline), [sound]);
  useEffect(() => {
    onListening(starts && { starts, from: (to) => seek(to, true), itemId, word });
  }, [starts, itemId, word, seek, onListening]);
  if (recordings.length === 0) return null;
  const remove = (): void => {
    const deleting = http.send("DELETE", `/api/conversations/${encodeURIComponent(id)}/audio`);
    deleting.then(onDeleted, (reason) => setRefusal(ApiError.of(reason)));
  };
  const toggle = (): void => {
    const audio = player.current;
    if (audio) void (audio.paused ? audio.play().catch(() => {}) : audio.pause());
  };
  return (
    <section className="recording" aria-label="Recording">
      <Problem error={error ?? refusal} />
      {sound && (
        <>
          {/* biome-ignore lint/a11y/useMediaCaption: the transcript below is its caption */}
          <audio ref={player} src={sound.url} preload="metadata" />
          <Player outline={sound.outline} ms={ms} playing={playing} onSeek={seek} onToggle={toggle} />
        </>
      )}
      <footer>
        {ready.length > 1 && <Parts parts={ready} chosen={recording?.id ?? null} onChoose={setWanted} />}
        <State recordings={recordings} />
        {ready.length > 0 && (
          <ConfirmButton question="Delete the recording for good?" yes="Delete" disabled={false} onConfirm={remove}>
            Delete recording
          </ConfirmButton>
        )}
      </footer>
    </section>
  );
}

/** The call was broken off and went on: a recording for each connection. */
function Parts(props: {
  parts: ConversationRecording[];
  chosen: string | null;
  onChoose: (id: string) => void;
}): ReactElement {
  return (
    <select
      aria-label="Part of the call"
      value={props.chosen ?? ""}
      onChange={({ target }) => props.onChoose(target.value)}
    >
      {props.parts.map(({ id }, index) => (
        <option key={id} value={id}>
          Part {index + 1} of {props.parts.length}
        </option>
      ))}
    </select>
  );
}

function State({ recordings }: { recordings: ConversationRecording[] }): ReactElement | null {
  const last = recordings.at(-1);
  if (last?.state === "recording") return <small>The call is being recorded.</small>;
  if (last?.state === "processing") return <small>The recording is being made; it is here in a moment.</small>;
  if (last?.state === "failed") return <small>There is no recording: {last.error_code}.</small>;
  return null;
}
