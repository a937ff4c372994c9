"""How the providers with OpenAI's protocol differ, as far as a conversation notices. Sources: the vendors' pages."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from pipelines.llm.http_stream import Deadlines


class ModelQuirk(Struct, frozen=True):
    """For models whose name begins so: fields to add to the request, and fields to leave out. ``least_output_tokens``:
    one that thinks refuses a reply too short to think in, as that of a probe is."""

    prefix: str
    extra_body: Mapping[str, Any] = {}
    without: frozenset[str] = frozenset()
    least_output_tokens: int = 1


class Profile(Struct, frozen=True):
    """One provider.

    ``limit_field``: what the output limit is called · ``default_max_output_tokens``: limiters book it up front, so it
    is always sent · ``structured``: how a schema is asked for · ``any_order``: it takes messages of the system's
    anywhere, whichever model · ``deadlines``: a serverless worker starts slowly.
    """

    name: str
    limit_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    default_max_output_tokens: int = 1024
    structured: Literal["json_schema", "json_object"] = "json_schema"
    tool_choice: bool = True
    any_order: bool = False
    extra_body: Mapping[str, Any] = {}
    quirks: tuple[ModelQuirk, ...] = ()
    deadlines: Deadlines = Deadlines()
    needs_key: bool = True

    def quirk(self, model: str) -> ModelQuirk:
        """The first that fits."""
        return next((quirk for quirk in self.quirks if model.startswith(quirk.prefix)), _NO_QUIRK)


_NO_QUIRK = ModelQuirk("")
_SLOW_START = Deadlines(first_event_s=60.0, silence_s=20.0)

CEREBRAS = Profile(
    "cerebras",
    limit_field="max_completion_tokens",
    # Thinking time is silence on the line. gpt-oss cannot switch it off; qwen thinks hard unless told not to.
    quirks=(ModelQuirk("gpt-oss", {"reasoning_effort": "low"}), ModelQuirk("qwen", {"reasoning_effort": "none"})),
)
DEEPSEEK = Profile("deepseek", structured="json_object", any_order=True, extra_body={"thinking": {"type": "disabled"}})
OPENROUTER = Profile(
    "openrouter",
    extra_body={"provider": {"sort": "latency"}},
    quirks=(
        ModelQuirk("deepseek/", {"reasoning": {"enabled": False}}),
        ModelQuirk("openai/gpt-oss", {"reasoning": {"effort": "low"}}),
    ),
)
OPENAI = Profile(
    "openai",
    any_order=True,
    limit_field="max_completion_tokens",
    quirks=(
        ModelQuirk("gpt-5.", {"reasoning_effort": "none"}),
        # Models that always think take no temperature but their own.
        ModelQuirk("gpt-5", {"reasoning_effort": "minimal"}, frozenset({"temperature"}), 256),
        ModelQuirk("o", {"reasoning_effort": "low"}, frozenset({"temperature", "parallel_tool_calls"}), 256),
    ),
)
OLLAMA = Profile("ollama", tool_choice=False, deadlines=_SLOW_START, needs_key=False)
RUNPOD = Profile("runpod", deadlines=_SLOW_START)

PROFILES: Mapping[str, Profile] = {
    profile.name: profile for profile in (CEREBRAS, DEEPSEEK, OPENROUTER, OPENAI, OLLAMA, RUNPOD)
}
