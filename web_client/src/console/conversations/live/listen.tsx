import { type ReactElement, useEffect, useRef, useState } from "react";
import { ApiError, type Http } from "../../api/http";
import { Problem } from "../../parts";
import { LiveSound } from "./sound";

interface Props {
  http: Http;
  id: string;
  disabled: boolean;
}

/** Both voices, as long as one listens. */
export function Listen({ http, id, disabled }: Props): ReactElement {
  const [on, setOn] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const sound = useRef<LiveSound | null>(null);
  const path = `/api/conversations/${encodeURIComponent(id)}/listen`;
  useEffect(() => () => sound.current?.close(), []);
  const stop = (): void => {
    sound.current?.close();
    sound.current = null;
    setOn(false);
  };
  const start = (): void => {
    setError(null);
    setOn(true);
    const opened = new LiveSound(http.socket(path), (why) => {
      if (sound.current !== opened) return;
      sound.current = null;
      setOn(false);
      if (why === "refused")
        setError(new ApiError(409, "listening_refused", "The caller does not want to be recorded."));
      else if (why !== "over") void whyNot(http, path).then(setError);
    });
    sound.current = opened;
    opened.start().catch(() => {
      stop();
      setError(new ApiError(0, "no_sound", "This browser gives no sound here."));
    });
  };
  return (
    <>
      <button type="button" aria-pressed={on} disabled={disabled && !on} onClick={on ? stop : start}>
        {on ? "Stop listening" : "Listen"}
      </button>
      <Problem error={error} />
    </>
  );
}

/** A page is not told why a WebSocket does not open: the door is asked without one. */
async function whyNot(http: Http, path: string): Promise<ApiError | null> {
  try {
    await http.get(path);
    return null;
  } catch (reason) {
    const error = ApiError.of(reason);
    return error.code === "not_a_websocket" ? null : error;
  }
}
