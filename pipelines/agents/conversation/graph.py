"""transcribe → intent → respond → speak."""

import base64
from functools import partial
from typing import Any, Final, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from pipelines.agents.conversation.hearing import decoded, heard
from pipelines.agents.conversation.port import Conversations
from pipelines.agents.conversation.turn import answered
from pipelines.agents.errors import AgentError
from pipelines.agents.parts import AgentParts
from pipelines.agents.run import AgentRun
from pipelines.intent.classifier import classify
from pipelines.language.words import said
from pipelines.tts.port import TtsError, TtsOptions
from pipelines.tts.whole_text import speak

TRANSCRIPTION_S: Final = 6.0
"""Of each recogniser on the ladder."""


class ConversationState(TypedDict, total=False):
    """``turn_id`` names the turn for good. ``audio`` is let go of once its words are known."""

    turn_id: str
    message: str
    audio: bytes | None
    format: str
    aloud: bool
    voice: str | None
    intent: dict[str, Any]
    output: dict[str, Any]


def conversation_graph(parts: AgentParts) -> "StateGraph[ConversationState, AgentRun, Any, Any]":
    def kept() -> Conversations:
        if parts.conversations is None:
            raise AgentError("agent_unavailable", "No conversations are held here.")
        return parts.conversations

    async def transcribe(state: ConversationState, runtime: Runtime[AgentRun]) -> ConversationState:
        audio = state["audio"]
        if audio is None:
            return {}
        pcm, rate = decoded(audio, state["format"])  # type: ignore[arg-type] # checked at the door
        run, conversations = runtime.context, kept()
        given = partial(conversations.speech.heard, run.whose)
        words, run.engines["transcribe"] = await heard(
            conversations.engines.recognisers,
            pcm,
            rate,
            options=conversations.hearing,
            deadline_s=TRANSCRIPTION_S,
            given=given,
        )
        return {"message": words, "audio": None}

    async def intent(state: ConversationState) -> ConversationState:
        found = classify(state["message"], language=kept().hearing.languages[0])
        return {"intent": {"intent": found.label, "confidence": round(found.confidence, 3)}}

    async def respond(state: ConversationState, runtime: Runtime[AgentRun]) -> ConversationState:
        """The core of the live conversation answers; its history is the conversation itself, not this state."""
        run, message = runtime.context, state["message"]
        if not message:
            again = said("Sorry, I did not catch that. Could you say it again?", kept().hearing.languages[0])
            return {"output": _output(state, again, ())}
        async with kept().turn(run.thread_id) as opened:
            turn = await answered(run, state["turn_id"], opened, message)
        run.engines["respond"] = turn.engine
        return {"output": _output(state, turn.text, turn.tools)}

    async def speak_reply(state: ConversationState, runtime: Runtime[AgentRun]) -> ConversationState:
        """The words are the answer; without a voice they stand alone."""
        run, conversations, output = runtime.context, kept(), state["output"]
        if not state["aloud"] or not output["text"]:
            return {}
        given = partial(conversations.speech.spoke, run.whose)
        try:
            speech = await speak(conversations.engines.voices, output["text"], TtsOptions(voice=state["voice"]), given)
        except TtsError as error:
            return {"output": {**output, "voice_problem": error.code}}
        run.engines["speak"] = speech.voice
        run.beside["audio"] = base64.b64encode(speech.wav).decode("ascii")
        return {"output": {**output, "format": "wav", "audio_ms": len(speech.pcm) * 500 // speech.sample_rate}}

    graph = StateGraph(ConversationState, context_schema=AgentRun)
    graph.add_node("transcribe", transcribe)
    graph.add_node("intent", intent)
    graph.add_node("respond", respond)
    graph.add_node("speak", speak_reply)
    graph.add_edge(START, "transcribe")
    graph.add_edge("transcribe", "intent")
    graph.add_edge("intent", "respond")
    graph.add_edge("respond", "speak")
    graph.add_edge("speak", END)
    return graph


def _output(state: ConversationState, text: str, tools: tuple[str, ...]) -> dict[str, Any]:
    return {"text": text, "heard": state["message"], **state["intent"], "tools": list(tools)}
