"""Settings of the language models and of tracing. A model takes part when its key (or address, without keys) is set."""

from typing import Annotated

from agent_server.settings.field import BaseUrl, Group, Key, setting


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
    deepseek_api_key: Annotated[Key | None, setting("DEEPSEEK_API_KEY", "Key of DeepSeek", secret=True)] = None
    deepseek_api_base: Annotated[BaseUrl, setting("DEEPSEEK_API_BASE", "Address of DeepSeek")] = (
        "https://api.deepseek.com"
    )
    openrouter_api_key: Annotated[Key | None, setting("OPENROUTER_API_KEY", "Key of OpenRouter", secret=True)] = None
    openrouter_api_base: Annotated[BaseUrl, setting("OPENROUTER_API_BASE", "Address of OpenRouter")] = (
        "https://openrouter.ai/api/v1"
    )
    openai_api_key: Annotated[Key | None, setting("OPENAI_API_KEY", "Key of OpenAI", secret=True)] = None
    openai_base_url: Annotated[BaseUrl, setting("OPENAI_BASE_URL", "Address of OpenAI, or of what speaks like it")] = (
        "https://api.openai.com/v1"
    )
    ollama_base_url: Annotated[
        BaseUrl | None, setting("OLLAMA_BASE_URL", "Address of Ollama, such as http://127.0.0.1:11434/v1")
    ] = None
    runpod_api_key: Annotated[Key | None, setting("RUNPOD_API_KEY", "Key of RunPod", secret=True)] = None
    runpod_vllm_api_base: Annotated[
        BaseUrl | None, setting("RUNPOD_VLLM_API_BASE", "Address of a vLLM endpoint at RunPod")
    ] = None
    langsmith_tracing: Annotated[bool, setting("LANGSMITH_TRACING", "Send traces of agents to LangSmith")] = False
    langsmith_api_key: Annotated[Key | None, setting("LANGSMITH_API_KEY", "Key of LangSmith", secret=True)] = None
    langsmith_endpoint: Annotated[BaseUrl, setting("LANGSMITH_ENDPOINT", "Address of LangSmith")] = (
        "https://api.smith.langchain.com"
    )
    langsmith_project: Annotated[str, setting("LANGSMITH_PROJECT", "Project the traces go to")] = "sales-agent"
