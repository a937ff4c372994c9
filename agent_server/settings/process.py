"""Settings of the process: where it listens, what it keeps, how much it takes on."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from agent_server.settings.field import BaseUrl, Group, Key, setting

Host = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9._:\[\]-]+$", extra={"allowed": "a host name or address such as 127.0.0.1"})
]
Port = Annotated[int, Meta(ge=0, le=65535)]
PostgresUrl = Annotated[
    str, Meta(pattern=r"^postgres(ql)?://\S+$", extra={"allowed": "an address such as postgresql://user@host/name"})
]
RedisUrl = Annotated[str, Meta(pattern=r"^(rediss?|unix)://\S+$", extra={"allowed": "an address such as redis://host"})]
Origin = Annotated[
    str,
    Meta(
        pattern=r"^(\*|https?://[^/?#@\s]+/?)$",
        extra={"allowed": "an origin such as https://www.example.com, or * for every page"},
    ),
]
ProxyNetwork = Annotated[
    str, Meta(pattern=r"^[0-9a-fA-F.:]+(/\d{1,3})?$", extra={"allowed": "an address or network such as 10.0.0.0/8"})
]


# Fernet keys: 32 bytes in URL-safe base64.
EncryptionKeys = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{43}=(\s*,\s*[A-Za-z0-9_-]{43}=)*$",
        extra={"allowed": "32 random bytes in URL-safe base64, or several such by comma"},
    ),
]


class ProcessSettings(Group, frozen=True, kw_only=True):
    host: Annotated[Host, setting("HOST", "Address to listen on; other than loopback needs SALES_AGENT_API_KEY")] = (
        "127.0.0.1"
    )
    port: Annotated[Port, setting("PORT", "Port to listen on; 0 takes any free one")] = 8080
    worker_metrics_port: Annotated[
        Port | None,
        setting("WORKER_METRICS_PORT", "Port at which `sales-agent worker` serves /metrics; unset: at none"),
    ] = None
    api_key: Annotated[
        Key | None,
        setting(
            "SALES_AGENT_API_KEY",
            "A first key with all rights; on loopback one is made, kept in the data directory and printed",
            secret=True,
        ),
    ] = None
    data_dir: Annotated[Path, setting("DATA_DIR", "Directory of the embedded database and of the first key")] = Path(
        ".data"
    )
    database_url: Annotated[
        PostgresUrl | None, setting("DATABASE_URL", "PostgreSQL to use instead of the embedded one", secret=True)
    ] = None
    database_connections: Annotated[
        Annotated[int, Meta(ge=2, le=500)],
        setting(
            "DATABASE_CONNECTIONS",
            "Connections a process works over at most; about a dozen more listen, sync and keep agents' threads",
        ),
    ] = 10
    redis_url: Annotated[
        RedisUrl | None, setting("REDIS_URL", "Redis or Valkey; needed with more than one process", secret=True)
    ] = None
    redis_cluster: Annotated[
        bool, setting("REDIS_CLUSTER", "Whether REDIS_URL is a node of a Redis Cluster, which is followed from there")
    ] = False
    public_url: Annotated[
        BaseUrl | None, setting("PUBLIC_URL", "Where the world reaches this server, such as https://agent.example.com")
    ] = None
    encryption_key: Annotated[
        EncryptionKeys | None,
        setting("ENCRYPTION_KEY", "Encrypts stored credentials; several, newest first, by comma", secret=True),
    ] = None
    max_conversations: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)] | None,
        setting("MAX_CONVERSATIONS", "Conversations a process holds; unset: 20 with embedded speech, 100 with cloud"),
    ] = None
    max_load_percent: Annotated[
        Annotated[int, Meta(ge=10, le=100)],
        setting("MAX_LOAD_PERCENT", "Share of its core from which on a process takes no new conversation; 100: never"),
    ] = 80
    session_max_minutes: Annotated[
        Annotated[int, Meta(ge=1, le=1440)], setting("SESSION_MAX_MINUTES", "Length of one session at most")
    ] = 60
    drain_seconds: Annotated[
        Annotated[float, Meta(ge=0, le=3600)],
        setting("DRAIN_SECONDS", "How long running conversations may go on after SIGTERM"),
    ] = 30.0
    person_wait_seconds: Annotated[
        Annotated[float, Meta(ge=0, le=600)],
        setting(
            "PERSON_WAIT_SECONDS",
            "How long who wants a person, and cannot be put through, waits for one to take over in the console; then"
            " the agent says that nobody is free. 0: never",
        ),
    ] = 45.0
    allowed_origins: Annotated[
        tuple[Origin, ...], setting("ALLOWED_ORIGINS", "Web pages that may use the widget; our own always may")
    ] = ()
    trusted_proxies: Annotated[
        tuple[ProxyNetwork, ...], setting("TRUSTED_PROXIES", "Reverse proxies whose X-Forwarded-For is believed")
    ] = ()
    widget_sessions_per_minute: Annotated[
        Annotated[int, Meta(ge=1, le=10_000)],
        setting("WIDGET_SESSIONS_PER_MINUTE", "Sessions one address may open through the widget's door"),
    ] = 20
    connections_per_address: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)],
        setting(
            "CONNECTIONS_PER_ADDRESS",
            "Connections an address may have open beside its conversations; TRUSTED_PROXIES and this machine: any",
        ),
    ] = 256
    first_request_seconds: Annotated[
        Annotated[float, Meta(ge=0.1, le=75)],
        setting("FIRST_REQUEST_SECONDS", "How long a new connection may take to send the head of its first request"),
    ] = 10.0
    recordings_dir: Annotated[
        Path | None, setting("RECORDINGS_DIR", "Where conversations are recorded for replay; unset: they are not")
    ] = None
    knowledge_file: Annotated[
        Path | None, setting("KNOWLEDGE_FILE", "What the agent knows of the company and its products (Markdown)")
    ] = None
    company_name: Annotated[str, setting("COMPANY_NAME", "Company the agent speaks for, until its profile says so")] = (
        ""
    )
    agent_name: Annotated[str, setting("AGENT_NAME", "Name the agent gives itself, until its profile says so")] = ""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        setting("LOG_LEVEL", "Least severity that is logged; of unexpected errors `debug` alone has the words"),
    ] = "info"
    log_format: Annotated[Literal["text", "json"], setting("LOG_FORMAT", "Form of a log line")] = "text"

    @property
    def embedded_database(self) -> Path:
        """Directory of the embedded database."""
        return self.data_dir / "postgres"

    @property
    def loopback_address(self) -> str:
        """Where programs on this machine find the server."""
        return server_address(self.host, self.port)


def server_address(host: str, port: int) -> str:
    """The HTTP address to open for one that is listened on."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host.strip("[]"), host.strip("[]"))  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
