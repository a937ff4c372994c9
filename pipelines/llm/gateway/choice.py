"""How whoever wants a reply gets at those who may give it."""

from collections.abc import Callable, Sequence

from pipelines.llm.gateway.endpoint import Endpoint

Choose = Callable[[frozenset[str]], Sequence[Endpoint]]
"""The endpoints to ask now, in order, without those keys. Raises LlmError when there is none."""
