import { type ReactElement, useCallback, useState } from "react";
import { useAction, useLoad } from "../action";
import type { Http } from "../api/http";
import type { AgentFacts, Voice, Voices } from "../api/types";
import { Choice } from "../choice";
import { Problem } from "../parts";

const SAMPLE = "Hello, it's good to hear from you. How can I help?";
const TIMEOUT_MS = 30_000;

interface Props {
  http: Http;
  facts: AgentFacts;
  onChange: (voice: string | null) => void;
}

/** A voice to choose, and to hear. */
export function VoiceField({ http, facts: { voice, speed, greeting, language }, onChange }: Props): ReactElement {
  const [voices, setVoices] = useState<readonly Voice[]>([]);
  const load = useLoad(useCallback(async () => setVoices((await http.get<Voices>("/api/voice/voices")).items), [http]));
  const hear = useAction(async () => {
    const body = { text: greeting || SAMPLE, speed, language, ...(voice && { voice }) };
    const answer = await http.open("POST", "/api/voice/synthesize", { body, timeoutMs: TIMEOUT_MS });
    const address = URL.createObjectURL(await answer.blob());
    const sound = new Audio(address);
    sound.onended = () => URL.revokeObjectURL(address);
    await sound.play();
  });
  return (
    <div className="hinted">
      <Choice label="Voice" value={voice ?? ""} onChange={(id) => onChange(id || null)}>
        <option value="">As the server is set up</option>
        {voice !== null && !voices.some(({ id }) => id === voice) && <option value={voice}>{voice}</option>}
        {voices.map(({ id }) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
      </Choice>
      <p className="buttons">
        <button type="button" disabled={hear.busy} onClick={() => void hear.run()}>
          {hear.busy ? "One moment…" : "Hear it"}
        </button>
      </p>
      <Problem error={hear.error ?? load.error} />
    </div>
  );
}
