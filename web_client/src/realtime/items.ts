/** Shapes shared by both directions of the OpenAI Realtime (GA) protocol. */

export type ContentPart =
  | { type: "input_text"; text: string }
  | { type: "input_audio"; transcript: string | null }
  | { type: "output_text"; text: string }
  | { type: "output_audio"; transcript?: string | null }
  | { type: "input_image"; image_url: string };

export interface MessageItem {
  type: "message";
  id: string;
  role: "system" | "user" | "assistant";
  status?: "completed" | "incomplete" | "in_progress";
  content: ContentPart[];
}

export interface FunctionCallItem {
  type: "function_call" | "function_call_output";
  id: string;
  call_id?: string;
  name?: string;
}

export type Item = MessageItem | FunctionCallItem;

export type OutputModality = "audio" | "text";

export interface TurnDetection {
  type: "server_vad" | "semantic_vad";
  eagerness?: "low" | "medium" | "high" | "auto";
  create_response?: boolean;
  interrupt_response?: boolean;
}

export interface AudioFormat {
  type: "audio/pcm";
  rate: 24000;
}

/** The part of the session object that this client sets or reads. */
export interface SessionSettings {
  type: "realtime";
  output_modalities?: [OutputModality];
  audio?: {
    input?: {
      format?: AudioFormat;
      transcription?: { model: string; language?: string } | null;
      turn_detection?: TurnDetection | null;
    };
    output?: { format?: AudioFormat };
  };
}

export interface ResponseObject {
  id: string;
  status: "in_progress" | "completed" | "cancelled" | "failed" | "incomplete";
  status_details?: { type?: string; reason?: string; error?: { code?: string; message?: string } | null } | null;
}

export interface ErrorBody {
  type: string;
  message: string;
  code?: string | null;
  param?: string | null;
  /** Of the client event that caused it. */
  event_id?: string | null;
}

/** The text of a message, whichever way it was entered. */
export function itemText(item: MessageItem): string {
  const texts = item.content.map((part) => {
    if ("text" in part) return part.text;
    return "transcript" in part ? (part.transcript ?? "") : "";
  });
  return texts.filter(Boolean).join(" ");
}

export const isSpoken = (item: MessageItem): boolean => item.content.some((part) => part.type.endsWith("_audio"));
