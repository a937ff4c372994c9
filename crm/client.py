"""Carries out one vendor's requests: limiter, circuit breaker, credentials, retry, around the one adapter."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from msgspec import Struct

from crm.authorization import Authorization, Headers
from crm.dialect import Dialect
from crm.errors import (
    CircuitOpen,
    CrmError,
    DeadlineExceeded,
    ProviderUnavailable,
    RateLimited,
    Unauthorized,
)
from crm.http import Request, Response, Transport
from crm.retry import RetryPolicy, wait_before_next
from storage.shared.circuit_breaker import CircuitBreaker
from storage.shared.rate_limit import RateLimiter

_log = logging.getLogger(__name__)

T = TypeVar("T")


_TOO_SHORT_S = 0.1
"""With less time left nothing is sent: it would most likely be applied and not answered."""
_FAIR_S = 3.0
"""No answer counts against the vendor when it had at least this long; shorter deadlines say more about the caller."""


class CallOptions(Struct, frozen=True):
    """How one call may be made. ``deadline_s`` covers waiting, tries and answers; ``share`` is the part of a rate limit
    the caller may use up."""

    deadline_s: float
    share: float
    try_timeout_s: float = 30.0


LIVE = CallOptions(deadline_s=4.0, share=1.0)
"""Somebody is waiting for the answer."""
BACKGROUND = CallOptions(deadline_s=150.0, share=0.9)
"""Sync and enrichment: patient, and leaves a tenth of every limit to live conversations."""


class CallReport(Struct, frozen=True):
    """One finished call, for metrics. ``code`` is empty on success."""

    platform: str
    group: str
    method: str
    status: int | None
    code: str
    tries: int
    latency_ms: float


class Rim(Struct, frozen=True):
    """Time and chance, passed in. ``clock`` is seconds since the epoch, ``monotonic`` never jumps."""

    clock: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random


class ApiClient:
    """One vendor account. Safe for concurrent use; holds no connection of its own."""

    def __init__(
        self,
        dialect: Dialect,
        *,
        base_url: str,
        transport: Transport,
        authorization: Authorization,
        limiter: RateLimiter,
        breaker: CircuitBreaker,
        account: str = "default",
        retry: RetryPolicy | None = None,
        rim: Rim | None = None,
        report: Callable[[CallReport], None] | None = None,
    ) -> None:
        self.dialect = dialect
        self._base_url = base_url.rstrip("/")
        self._transport = transport
        self._authorization = authorization
        self._limiter = limiter
        self._breaker = breaker
        self._circuit = f"{dialect.platform}:{account}"
        self._retry = retry or RetryPolicy()
        self._rim = rim or Rim()
        self._report = report

    @property
    def rim(self) -> Rim:
        return self._rim

    async def send(self, request: Request, options: CallOptions = BACKGROUND) -> Response:
        """The answer to ``request``, a success by the vendor's own rules. Raises CrmError."""
        started = self._rim.monotonic()
        deadline = started + options.deadline_s
        tries = 0
        while True:
            tries += 1
            try:
                response = await self._try_once(request, options, deadline)
            except CrmError as error:
                wait_s = wait_before_next(
                    self._retry,
                    failed_tries=tries,
                    error=error,
                    idempotent=request.idempotent,
                    patience_s=deadline - self._rim.monotonic(),
                    chance=self._rim.chance(),
                )
                if wait_s is None:
                    self._finished(request, error.status, error.code, tries, started)
                    raise
                _log.info("%s %s failed (%s), next try in %.1f s", self._circuit, request.group, error.code, wait_s)
                await self._rim.sleep(wait_s)
            else:
                self._finished(request, response.status, "", tries, started)
                return response

    async def json(self, request: Request, form: type[T], options: CallOptions = BACKGROUND) -> T:
        """Send and read the body as ``form``. Raises CrmError; BadAnswer when the body has another form."""
        response = await self.send(request, options)
        try:
            return msgspec.json.decode(response.body, type=form)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise self.dialect.misread(form.__name__) from error

    async def _try_once(self, request: Request, options: CallOptions, deadline: float) -> Response:
        headers = await self._authorization.headers()
        response, fault = await self._exchange(request, headers, options, deadline)
        if isinstance(fault, Unauthorized) and await self._authorization.renew(headers):
            renewed = await self._authorization.headers()
            response, fault = await self._exchange(request, renewed, options, deadline)
        if fault is not None:
            raise fault
        return response

    async def _exchange(
        self, request: Request, headers: Headers, options: CallOptions, deadline: float
    ) -> tuple[Response, CrmError | None]:
        """One request on the wire, with its turn taken before and its lessons learnt after."""
        group = f"{self._circuit}:{request.group}"
        await self._take_turn(group, request, options, deadline)
        wait_s = await self._breaker.admit(self._circuit)
        if wait_s > 0:
            raise CircuitOpen(
                "circuit_open", "the provider failed often lately", platform=self.dialect.platform, retry_after_s=wait_s
            )
        timeout_s = min(deadline - self._rim.monotonic(), options.try_timeout_s)
        if timeout_s < _TOO_SHORT_S:
            raise DeadlineExceeded("deadline_too_close", "no time left to ask", platform=self.dialect.platform)
        absolute = msgspec.structs.replace(
            request, url=f"{self._base_url}{request.url}", headers=request.headers + headers
        )
        try:
            response = await self._transport.exchange(absolute, timeout_s=timeout_s)
        except CrmError as error:
            error.platform = self.dialect.platform
            if isinstance(error, ProviderUnavailable) or (isinstance(error, DeadlineExceeded) and timeout_s >= _FAIR_S):
                await self._breaker.failed(self._circuit)
            raise
        fault = self.dialect.fault(request, response, self._rim.clock())
        await self._learn(group, response, fault)
        return response, fault

    async def _take_turn(self, group: str, request: Request, options: CallOptions, deadline: float) -> None:
        """Wait until the rate limit lets this request pass, if that is before the deadline."""
        budgets = self.dialect.budgets(request.group)
        while (wait_s := await self._limiter.reserve(group, budgets, share=options.share)) > 0:
            if wait_s >= deadline - self._rim.monotonic():
                raise RateLimited(
                    "rate_limit_reached",
                    f"no request of {request.group} is left for {wait_s:.0f} s",
                    platform=self.dialect.platform,
                    retry_after_s=wait_s,
                )
            # the spread keeps everybody who waits for one window from returning in the same instant
            await self._rim.sleep(wait_s + 0.1 * self._rim.chance())

    async def _learn(self, group: str, response: Response, fault: CrmError | None) -> None:
        await self._limiter.observe(group, self.dialect.observations(response))
        if isinstance(fault, RateLimited) and fault.retry_after_s is not None:
            await self._limiter.close(group, fault.retry_after_s)
        if isinstance(fault, ProviderUnavailable):
            await self._breaker.failed(self._circuit)
        else:
            await self._breaker.succeeded(self._circuit)

    def _finished(self, request: Request, status: int | None, code: str, tries: int, started: float) -> None:
        if self._report is not None:
            latency_ms = (self._rim.monotonic() - started) * 1000
            self._report(
                CallReport(self.dialect.platform, request.group, request.method, status, code, tries, latency_ms)
            )
