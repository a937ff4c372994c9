"""Settings of the CRM side: Close, Apollo, LinkedIn."""

from typing import Annotated

from msgspec import Meta

from agent_server.settings.field import BaseUrl, Group, Key, WebUrl, setting

NEVER = "never"
Cron = Annotated[
    str,
    Meta(pattern=r"^never$|^(\S+\s+){4}\S+$", extra={"allowed": "cron's five fields such as 0 */2 * * *, or never"}),
]


class CrmSettings(Group, frozen=True, kw_only=True):
    close_api_key: Annotated[Key | None, setting("CLOSE_API_KEY", "Key of Close", secret=True)] = None
    close_api_base: Annotated[BaseUrl, setting("CLOSE_API_BASE", "Address of Close")] = "https://api.close.com/api/v1"
    close_webhook_signature_key: Annotated[
        Key | None,
        setting(
            "CLOSE_WEBHOOK_SIGNATURE_KEY",
            "Signature key of a webhook made by hand at Close; unset, one is made for PUBLIC_URL where that is set",
            secret=True,
        ),
    ] = None
    apollo_api_key: Annotated[Key | None, setting("APOLLO_API_KEY", "Key of Apollo", secret=True)] = None
    apollo_api_base: Annotated[BaseUrl, setting("APOLLO_API_BASE", "Address of Apollo")] = (
        "https://api.apollo.io/api/v1"
    )
    apollo_phone_numbers: Annotated[
        bool,
        setting(
            "APOLLO_PHONE_NUMBERS",
            "Whether Apollo is asked for telephone numbers of contacts without one; costs further credits and needs "
            "PUBLIC_URL, where they come later",
        ),
    ] = False
    linkedin_client_id: Annotated[str | None, setting("LINKEDIN_CLIENT_ID", "Client id of the LinkedIn app")] = None
    linkedin_client_secret: Annotated[
        Key | None, setting("LINKEDIN_CLIENT_SECRET", "Client secret of the LinkedIn app", secret=True)
    ] = None
    linkedin_redirect_uri: Annotated[
        WebUrl | None, setting("LINKEDIN_REDIRECT_URI", "Where LinkedIn sends people back to; unset: here")
    ] = None
    linkedin_api_base: Annotated[BaseUrl, setting("LINKEDIN_API_BASE", "Address of LinkedIn")] = (
        "https://api.linkedin.com"
    )
    browserbase_api_key: Annotated[Key | None, setting("BROWSERBASE_API_KEY", "Key of Browserbase", secret=True)] = None
    browserbase_project_id: Annotated[
        str | None, setting("BROWSERBASE_PROJECT_ID", "Project at Browserbase whose sessions are used")
    ] = None
    browserbase_api_base: Annotated[BaseUrl, setting("BROWSERBASE_API_BASE", "Address of Browserbase")] = (
        "https://api.browserbase.com"
    )
    linkedin_scraping_accepted_by: Annotated[
        str,
        setting("LINKEDIN_SCRAPING_ACCEPTED_BY", "Who turned on reading other people's profiles; unset: it is off"),
    ] = ""
    linkedin_scraping_legal_basis: Annotated[
        str, setting("LINKEDIN_SCRAPING_LEGAL_BASIS", "On which legal basis; needed with the former")
    ] = ""
    close_sync_schedule: Annotated[
        Cron, setting("CLOSE_SYNC_SCHEDULE", "When to sync with Close, as cron has it, in UTC, or `never`")
    ] = "0 */2 * * *"
    apollo_sync_schedule: Annotated[
        Cron, setting("APOLLO_SYNC_SCHEDULE", "When to enrich contacts from Apollo, or `never`")
    ] = "0 2 * * *"
    linkedin_sync_schedule: Annotated[
        Cron, setting("LINKEDIN_SYNC_SCHEDULE", "When to read the own profile at LinkedIn, or `never`")
    ] = "0 3 * * *"
    sync_worker: Annotated[
        bool, setting("SYNC_WORKER", "Whether serve runs background jobs too; off where sales-agent worker does")
    ] = True
