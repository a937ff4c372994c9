"""How LinkedIn answers: no limit headers, a daily allowance that ends at midnight UTC, versions that retire."""

from crm.dialect import Dialect
from crm.errors import CrmError, GiveUp
from crm.http import Request, Response
from crm.limits import retry_after_s
from storage.shared.rate_limit import Budget

DAY_S = 86400.0
DAILY = Budget(name="day", limit=100, length_s=DAY_S, aligned=True)
"""What this product allows itself in a day; LinkedIn does not publish its own figures."""
GROUP = "api"
"""All endpoints count together."""


class LinkedInDialect(Dialect):
    platform = "linkedin"

    def budgets(self, group: str) -> tuple[Budget, ...]:
        return (DAILY,)

    def refusal_wait_s(self, response: Response, now: float) -> float:
        """Until midnight UTC, when all counts begin anew, unless the answer says otherwise."""
        told = retry_after_s(response.headers, now)
        return DAY_S - now % DAY_S if told is None else told

    def fault(self, request: Request, response: Response, now: float) -> CrmError | None:
        if response.status == 426:
            message = "LinkedIn no longer serves this version of its API"
            return GiveUp("api_version_retired", message, platform=self.platform, status=426)
        return super().fault(request, response, now)
