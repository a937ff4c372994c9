import type { Phase } from "../conversation/phase";
import type { MicrophoneState } from "../conversation/state";
import type { FailureKind } from "../realtime/failure";

/** Every word the widget shows; a page may replace any of them through the element's `words` property. */
export const englishWords = {
  heading: "Talk to us",
  open: "Open chat",
  close: "Close chat",
  welcome: "Ask anything about our product: talk, or type.",
  startTalking: "Start talking",
  mute: "Mute microphone",
  unmute: "Turn microphone on",
  speakerOff: "Mute the agent's voice",
  speakerOn: "Hear the agent's voice",
  stop: "Stop",
  end: "Hang up",
  send: "Send",
  placeholder: "Type a message",
  message: "Message",
  transcript: "Conversation",
  copy: "Copy transcript",
  copied: "Copied",
  copyFailed: "Copying is not allowed here",
  startOver: "New conversation",
  timings: "Show timings",
  latest: "Jump to latest",
  retry: "Try again",
  takeBack: "Go on here",
  goOn: "Go on",
  you: "You",
  agent: "Agent",
  notSent: "Waiting to be sent",
  notTaken: "This could not be sent.",
  notUnderstood: "That could not be made out.",
  notHeard: "not heard",
  interrupted: "interrupted",
  tooMany: "Several messages are still waiting to be sent.",
  answeredIn: "Answered in",
  byServer: "by the server",
  byEar: "at your ear",
  handedOver: "A colleague has been asked to join.",
  handedTo: "You are being passed on to",
  joined: "has joined",
  left: "has left; the assistant goes on",
  toolFailed: "did not work",
  problem: "The agent had a problem with that. Please try again.",
  startedNew: "The earlier conversation has ended. This is a new one.",
  phases: {
    idle: "Ready when you are",
    connecting: "Connecting",
    ready: "Connected",
    listening: "Listening",
    thinking: "Thinking",
    speaking: "Speaking",
    interrupted: "Go ahead",
    reconnecting: "Reconnecting",
    error: "Not connected",
  } as Record<Phase, string>,
  microphone: {
    refused: "The microphone is blocked. Allow it in your browser's address bar to talk. You can still type.",
    missing: "No microphone was found. You can still type.",
    busy: "Another program is using the microphone. You can still type.",
    insecure: "Talking needs a secure (https) page. You can still type.",
    lost: "The microphone was disconnected. You can still type.",
  } as Partial<Record<MicrophoneState, string>>,
  failures: {
    unauthorized: "This chat could not sign in: its key is wrong or has expired.",
    full: "All our lines are busy right now. Please try again in a moment.",
    elsewhere: "This conversation goes on in another window or on another device.",
    ended: "This conversation has ended. Goodbye!",
    conversation_gone: "This conversation has ended.",
    unreachable: "We cannot reach the server. Please check your connection.",
    refused: "The server would not start the conversation.",
  } as Record<FailureKind, string>,
  /** Stages of a turn, by the name of their time in the server's timings. */
  stages: {
    transcript_ms: "words settled",
    first_token_ms: "first word of the answer",
    first_audio_ms: "first sound made",
    sent_ms: "first sound sent",
  } as Record<string, string>,
  /** What a tool does, for a visitor, by the tool's name. */
  tools: {
    search_crm: "Looking up your account",
    enrich_with_apollo: "Looking up your company",
    scrape_linkedin: "Reading the public profile",
    analyze_tech_stack: "Checking your technology",
    generate_voice: "Preparing a recording",
    search_web: "Searching the web",
  } as Record<string, string>,
};

export type Words = typeof englishWords;

/** What a tool does: in the server's words, in ours, or else its name. */
export function toolWords(words: Words, name: string, label: string | null): string {
  const spaced = name.replaceAll("_", " ");
  return label ?? words.tools[name] ?? spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
