"""A line typed to the agent, and what it says to it."""

from typing import Any

from live_server import until


async def typed(connection: Any, text: str) -> str:
    content = [{"type": "input_text", "text": text}]
    await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
    await connection.response.create(response={"output_modalities": ["text"]})
    said = ""
    while not said.strip():
        for event in await until(connection, "response.done", timeout_s=20):
            said += event.text if event.type == "response.output_text.done" else ""
    return said
