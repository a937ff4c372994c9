"""The events this client sends, as the protocol wants them."""

from base64 import b64encode

from agent_server.cli.calling.plan import Plan
from agent_server.cli.calling.playback import SAMPLE_RATE, Progress
from agent_server.cli.calling.replies import Event


def session_update(plan: Plan) -> Event:
    """Everything the plan wants of the session; what it leaves open stays with the server."""
    pcm = {"type": "audio/pcm", "rate": SAMPLE_RATE}
    output: Event = {"format": pcm}
    if plan.voice is not None:
        output["voice"] = plan.voice
    session: Event = {
        "type": "realtime",
        "output_modalities": [plan.modality],
        "audio": {
            "input": {
                "format": pcm,
                "transcription": {"model": "gpt-4o-mini-transcribe"},
                "turn_detection": {
                    "type": "semantic_vad",
                    **({"eagerness": plan.eagerness} if plan.eagerness is not None else {}),
                    "create_response": True,
                    "interrupt_response": True,
                },
            },
            "output": output,
        },
    }
    if plan.instructions is not None:
        session["instructions"] = plan.instructions
    return {"type": "session.update", "session": session}


def typed_line(text: str) -> Event:
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
    return {"type": "conversation.item.create", "item": item}


def audio_frame(pcm: bytes) -> Event:
    return {"type": "input_audio_buffer.append", "audio": b64encode(pcm).decode()}


def playback_report(progress: Progress) -> Event:
    return {
        "type": "sales_agent.playback",
        "item_id": progress.item_id,
        "audio_ms": progress.audio_ms,
        "final": progress.final,
    }


def truncate(progress: Progress) -> Event:
    return {
        "type": "conversation.item.truncate",
        "item_id": progress.item_id,
        "content_index": 0,
        "audio_end_ms": progress.audio_ms,
    }
