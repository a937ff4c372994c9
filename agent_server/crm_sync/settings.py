"""What the doors to CRMs take from the settings. Pure."""

from agent_server.settings import CrmSettings as Variables
from agent_server.settings import Settings
from agent_server.settings.crm import NEVER
from crm.assembly import CrmSettings
from crm.linkedin.scraping_terms import ScrapingTerms
from crm.sync import phones


def crm_settings(settings: Settings, keys: str) -> CrmSettings:
    """``keys``: the installation's encryption keys, the newest first."""
    crm = settings.crm
    terms = None
    if crm.linkedin_scraping_accepted_by.strip() and crm.linkedin_scraping_legal_basis.strip():
        terms = ScrapingTerms(crm.linkedin_scraping_accepted_by, crm.linkedin_scraping_legal_basis)
    return CrmSettings(
        close_api_key=crm.close_api_key,
        close_api_base=crm.close_api_base,
        close_signature_keys=(crm.close_webhook_signature_key,) if crm.close_webhook_signature_key else (),
        apollo_api_key=crm.apollo_api_key,
        apollo_api_base=crm.apollo_api_base,
        apollo_phone_url=phone_address(settings, keys),
        linkedin_client_id=crm.linkedin_client_id,
        linkedin_client_secret=crm.linkedin_client_secret,
        linkedin_redirect_uri=crm.linkedin_redirect_uri or f"{_own_address(settings)}/api/linkedin/callback",
        linkedin_api_base=crm.linkedin_api_base,
        browserbase_api_key=crm.browserbase_api_key,
        browserbase_project_id=crm.browserbase_project_id,
        browserbase_api_base=crm.browserbase_api_base,
        scraping_terms=terms,
        state_secret=keys.partition(",")[0],
    )


def phone_address(settings: Settings, keys: str) -> str | None:
    """Where Apollo may bring numbers. The secret is in the query, which no log of ours holds."""
    url = settings.process.public_url
    if url is None or not settings.crm.apollo_phone_numbers:
        return None
    return f"{url.rstrip('/')}/webhooks/apollo?key={phones.secret(keys.partition(',')[0].strip())}"


def _own_address(settings: Settings) -> str:
    """As browsers know us."""
    return (settings.process.public_url or settings.process.loopback_address).rstrip("/")


def schedules(crm: Variables) -> dict[str, str]:
    """By platform, as cron has them; those that never sync by themselves are not there."""
    given = {
        "close": crm.close_sync_schedule,
        "apollo": crm.apollo_sync_schedule,
        "linkedin": crm.linkedin_sync_schedule,
    }
    return {platform: cron for platform, cron in given.items() if cron != NEVER}
