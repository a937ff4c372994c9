import { type RefObject, useCallback, useEffect, useState } from "react";
import { ApiError, type Http } from "../../api/http";
import type { AudioLink, AudioOutline, ConversationRecording } from "../../api/types";

export interface Sound {
  outline: AudioOutline;
  /** For the `<audio>` element, which cannot send a key. */
  url: string;
}

/** What is needed to play a recording; null while it is fetched. */
export function useSound(
  http: Http,
  conversationId: string,
  recording: ConversationRecording | null,
): { sound: Sound | null; error: ApiError | null } {
  const [sound, setSound] = useState<Sound | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const id = recording?.state === "ready" ? recording.id : null;
  useEffect(() => {
    setSound(null);
    setError(null);
    if (id === null) return;
    let wanted = true;
    const path = `/api/conversations/${encodeURIComponent(conversationId)}/audio`;
    const query = { recording: id };
    Promise.all([
      http.get<AudioOutline>(`${path}/outline`, query),
      http.send<AudioLink>("POST", `${path}/link`, { query, body: {} }),
    ])
      .then(([outline, { url }]) => wanted && setSound({ outline, url }))
      .catch((reason) => wanted && setError(ApiError.of(reason)));
    return () => {
      wanted = false;
    };
  }, [http, conversationId, id]);
  return { sound, error };
}

/** Where the player is, in milliseconds, as often as the screen is drawn while it plays. */
export function usePosition(
  player: RefObject<HTMLAudioElement | null>,
  url: string | undefined,
): {
  ms: number;
  playing: boolean;
  seek: (ms: number, play?: boolean) => void;
} {
  const [ms, setMs] = useState(0);
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    const audio = player.current;
    if (!audio || url === undefined) return;
    let frame = 0;
    const look = (): void => setMs(audio.currentTime * 1000);
    const follow = (): void => {
      look();
      if (!audio.paused) frame = requestAnimationFrame(follow);
    };
    const changed = (): void => {
      setPlaying(!audio.paused);
      cancelAnimationFrame(frame);
      follow();
    };
    const events = ["play", "pause", "ended"] as const;
    for (const event of events) audio.addEventListener(event, changed);
    audio.addEventListener("seeked", look);
    return () => {
      cancelAnimationFrame(frame);
      for (const event of events) audio.removeEventListener(event, changed);
      audio.removeEventListener("seeked", look);
    };
  }, [player, url]);
  const seek = useCallback(
    (to: number, play = false) => {
      const audio = player.current;
      if (!audio) return;
      audio.currentTime = to / 1000;
      setMs(to);
      if (play) void audio.play().catch(() => {}); // the browser wants a click first: the button is there
    },
    [player],
  );
  return { ms, playing, seek };
}
