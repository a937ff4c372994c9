import type { OutputModality, SessionSettings, TurnDetection } from "../realtime/items";

export interface SpeechPreferences {
  /** A BCP 47 tag; null: the server's own choice. */
  language: string | null;
  /** How soon the agent takes the turn; null: as the agent is set to. */
  eagerness: NonNullable<TurnDetection["eagerness"]> | null;
}

const FORMAT = { type: "audio/pcm", rate: 24_000 } as const;

/** The session this client wants: PCM both ways, captions of the visitor's speech, turns and interruptions by voice. */
export function sessionSettings(modality: OutputModality, { language, eagerness }: SpeechPreferences): SessionSettings {
  return {
    type: "realtime",
    output_modalities: [modality],
    audio: {
      input: {
        format: FORMAT,
        transcription: { model: "gpt-4o-mini-transcribe", ...(language ? { language } : {}) },
        turn_detection: {
          type: "semantic_vad",
          ...(eagerness ? { eagerness } : {}),
          create_response: true,
          interrupt_response: true,
        },
      },
      output: { format: FORMAT },
    },
  };
}
