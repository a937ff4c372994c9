"""Settings of the language models and of tracing. A model takes part when its key (or address, without keys) is set."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from agent_server.settings.field import BaseUrl, Group, Key, setting

Choice = Annotated[
    str,
    Meta(
        pattern=r"^(cerebras|anthropic|openai|deepseek|openrouter|runpod|ollama)(/\S+)?$",
        extra={"allowed": "a provider such as cerebras, or one of its models such as anthropic/claude-haiku-5-5"},
    ),
]


class ModelSettings(Group, frozen=True, kw_only=True):
    cerebras_api_key: Annotated[Key | None, setting("CEREBRAS_API_KEY", "Key of Cerebras", secret=True)] = None
    cerebras_api_base: Annotated[BaseUrl, setting("CEREBRAS_API_BASE", "Address of Cerebras")] = (
        "https://api.cerebras.ai/v1"
    )
    cerebras_model: Annotated[str, setting("CEREBRAS_MODEL", "Model that talks with callers")] = "llama3.1-8b"
    anthropic_api_key: Annotated[Key | None, setting("ANTHROPIC_API_KEY", "Key of Anthropic", secret=True)] = None
    anthropic_base_url: Annotated[BaseUrl, setting("ANTHROPIC_BASE_URL", "Address of Anthropic")] = (
        "https://api.anthropic.com"
    )
    anthropic_model: Annotated[
        str, setting("ANTHROPIC_MODEL", "Claude that talks with callers where Cerebras does not")
    ] = "claude-haiku-5-5"
    anthropic_reasoning_model: Annotated[
        str, setting("ANTHROPIC_REASONING_MODEL", "Claude that agents reason with")
    ] = "claude-sonnet-5-5"
    deepseek_api_key: Annotated[Key | None, setting("DEEPSEEK_API_KEY", "Key of DeepSeek", secret=True)] = None
    deepseek_api_base: Annotated[BaseUrl, setting("DEEPSEEK_API_BASE", "Address of DeepSeek")] = (
        "https://api.deepseek.com"
    )
    deepseek_model: Annotated[str, setting("DEEPSEEK_MODEL", "Model at DeepSeek")] = "deepseek-flash"
    openrouter_api_key: Annotated[Key | None, setting("OPENROUTER_API_KEY", "Key of OpenRouter", secret=True)] = None
    openrouter_api_base: Annotated[BaseUrl, setting("OPENROUTER_API_BASE", "Address of OpenRouter")] = (
        "https://openrouter.ai/api/v1"
    )
    openrouter_model: Annotated[str, setting("OPENROUTER_MODEL", "Model at OpenRouter")] = "deepseek/deepseek-v4-pro"
    openai_api_key: Annotated[Key | None, setting("OPENAI_API_KEY", "Key of OpenAI", secret=True)] = None
    openai_base_url: Annotated[BaseUrl, setting("OPENAI_BASE_URL", "Address of OpenAI, or of what speaks like it")] = (
        "https://api.openai.com/v1"
    )
    openai_model: Annotated[str, setting("OPENAI_MODEL", "Model there")] = "gpt-5.2-mini"
    ollama_base_url: Annotated[
        BaseUrl | None, setting("OLLAMA_BASE_URL", "Address of Ollama, such as http://127.0.0.1:11434/v1")
    ] = None
    ollama_model: Annotated[str, setting("OLLAMA_MODEL", "Model of Ollama; unset: the first it lists")] = ""
    runpod_api_key: Annotated[Key | None, setting("RUNPOD_API_KEY", "Key of RunPod", secret=True)] = None
    runpod_vllm_api_base: Annotated[
        BaseUrl | None, setting("RUNPOD_VLLM_API_BASE", "Address of a vLLM endpoint at RunPod")
    ] = None
    runpod_vllm_model: Annotated[
        str, setting("RUNPOD_VLLM_MODEL", "Name the endpoint serves its model by; unset: the first it lists")
    ] = ""
    conversation_models: Annotated[
        tuple[Choice, ...],
        setting("CONVERSATION_MODELS", "Who talks with callers, in this order; unset: Cerebras, then by latency"),
    ] = ()
    reasoning_models: Annotated[
        tuple[Choice, ...], setting("REASONING_MODELS", "Who reasons; unset: Claude, then OpenAI, then by price")
    ] = ()
    research_models: Annotated[
        tuple[Choice, ...],
        setting("RESEARCH_MODELS", "Who researches; unset: DeepSeek, then OpenRouter, then by price"),
    ] = ()
    private_models: Annotated[
        tuple[Choice, ...],
        setting("PRIVATE_MODELS", "Who of Ollama and RunPod gets what must stay private; unset: by latency"),
    ] = ()
    prices_file: Annotated[
        Path | None,
        setting("PRICES_FILE", "Own prices of models, a JSON file in the form of pipelines/llm/prices.json"),
    ] = None
    langsmith_tracing: Annotated[bool, setting("LANGSMITH_TRACING", "Send traces of agents to LangSmith")] = False
    langsmith_api_key: Annotated[Key | None, setting("LANGSMITH_API_KEY", "Key of LangSmith", secret=True)] = None
    langsmith_endpoint: Annotated[BaseUrl, setting("LANGSMITH_ENDPOINT", "Address of LangSmith")] = (
        "https://api.smith.langchain.com"
    )
    langsmith_project: Annotated[str, setting("LANGSMITH_PROJECT", "Project the traces go to")] = "sales-agent"
