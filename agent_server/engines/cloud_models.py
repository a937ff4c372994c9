"""Makes the models of the settings: every provider whose key, or address without key, is set.

A vendor's SDK is imported when its model is first wanted, in a thread.
"""

from collections.abc import Callable, Mapping

from agent_server.engines.deferred_model import DeferredModel
from agent_server.settings import ModelSettings, SettingsError
from pipelines.llm.gateway.endpoint import Endpoint, ServedModel
from pipelines.llm.gateway.port import Task
from pipelines.llm.gateway.routing import ALL_TASKS, DEFAULT_ROUTES, Route
from pipelines.llm.prices import PriceList, read_prices

LIVE_TASKS: frozenset[Task] = ALL_TASKS - {"reasoning"}


def _like_openai(name: str, *, model: str, base_url: str, api_key: str | None) -> ServedModel:
    def make(model: str) -> ServedModel:
        from pipelines.llm.openai_compatible import OpenAICompatibleModel  # noqa: PLC0415
        from pipelines.llm.profiles import PROFILES  # noqa: PLC0415

        return OpenAICompatibleModel(PROFILES[name], model=model, base_url=base_url, api_key=api_key)

    return DeferredModel(name, model, make)


def _claude(models: ModelSettings, model: str) -> ServedModel:
    def make(model: str) -> ServedModel:
        from pipelines.llm.anthropic import AnthropicModel  # noqa: PLC0415

        key = models.anthropic_api_key or ""
        return AnthropicModel(api_key=key, base_url=models.anthropic_base_url, model=model)

    return DeferredModel("anthropic", model, make)


def _cerebras(models: ModelSettings, prices: PriceList) -> list[Endpoint]:
    adapter = _like_openai(
        "cerebras", model=models.cerebras_model, base_url=models.cerebras_api_base, api_key=models.cerebras_api_key
    )
    return [Endpoint(adapter, prices)]


def _anthropic(models: ModelSettings, prices: PriceList) -> list[Endpoint]:
    """The fast one talks, the clever one reasons; research goes to the fast one first."""
    fast = _claude(models, models.anthropic_model)
    if models.anthropic_reasoning_model == models.anthropic_model:
        return [Endpoint(fast, prices)]
    clever = _claude(models, models.anthropic_reasoning_model)
    return [
        Endpoint(fast, prices, tasks=LIVE_TASKS),
        Endpoint(clever, prices, tasks=frozenset({"reasoning", "research"})),
    ]


def _openai(models: ModelSettings, prices: PriceList) -> list[Endpoint]:
    adapter = _like_openai(
        "openai", model=models.openai_model, base_url=models.openai_base_url, api_key=models.openai_api_key
    )
    return [Endpoint(adapter, prices)]


def _deepseek(models: ModelSettings, prices: PriceList) -> list[Endpoint]:
    adapter = _like_openai(
        "deepseek", model=models.deepseek_model, base_url=models.deepseek_api_base, api_key=models.deepseek_api_key
    )
    return [Endpoint(adapter, prices)]


def _openrouter(models: ModelSettings, prices: PriceList) -> list[Endpoint]:
    base_url, key = models.openrouter_api_base, models.openrouter_api_key
    return [Endpoint(_like_openai("openrouter", model=models.openrouter_model, base_url=base_url, api_key=key), prices)]


def _runpod(models: ModelSettings, prices: PriceList) -> list[Endpoint]:
    base_url, key = models.runpod_vllm_api_base or "", models.runpod_api_key
    adapter = _like_openai("runpod", model=models.runpod_vllm_model, base_url=base_url, api_key=key)
    return [Endpoint(adapter, prices, private=True)]


def _ollama(models: ModelSettings, prices: PriceList) -> list[Endpoint]:
    adapter = _like_openai("ollama", model=models.ollama_model, base_url=models.ollama_base_url or "", api_key=None)
    return [Endpoint(adapter, prices, private=True)]


MAKERS: Mapping[str, Callable[[ModelSettings, PriceList], list[Endpoint]]] = {
    "cerebras": _cerebras,
    "openai": _openai,
    "anthropic": _anthropic,
    "deepseek": _deepseek,
    "openrouter": _openrouter,
    "runpod": _runpod,
    "ollama": _ollama,
}
"""By provider; the order counts where nothing is preferred and nothing measured yet."""


def configured(models: ModelSettings) -> tuple[str, ...]:
    """The providers that can be asked."""
    wanted = {
        "cerebras": models.cerebras_api_key,
        "openai": models.openai_api_key,
        "anthropic": models.anthropic_api_key,
        "deepseek": models.deepseek_api_key,
        "openrouter": models.openrouter_api_key,
        "runpod": models.runpod_vllm_api_base and models.runpod_api_key,
        "ollama": models.ollama_base_url,
    }
    return tuple(name for name in MAKERS if wanted[name])


def make_endpoints(models: ModelSettings, prices: PriceList) -> list[Endpoint]:
    """The endpoints of all configured providers."""
    return [endpoint for name in configured(models) for endpoint in MAKERS[name](models, prices)]


def routes(models: ModelSettings) -> dict[Task, Route]:
    """How tasks are served: as the operator said, and nobody else then, or as usual."""
    chosen: dict[Task, tuple[str, ...]] = {
        "conversation": models.conversation_models,
        "reasoning": models.reasoning_models,
        "research": models.research_models,
        "private": models.private_models,
    }
    return {
        task: Route(names, None, private_only=task == "private") if names else DEFAULT_ROUTES[task]
        for task, names in chosen.items()
    }


def price_list(models: ModelSettings) -> PriceList:
    """Raises SettingsError for a file that is none of prices."""
    if models.prices_file is None:
        return PriceList()
    try:
        return PriceList(read_prices(models.prices_file))
    except (OSError, ValueError) as error:
        raise SettingsError([f"PRICES_FILE: {error}"]) from error
