"""Settings of recordings: whether calls are recorded, where that is kept and for how long."""

from typing import Annotated, Literal

from msgspec import Meta

from agent_server.settings.field import Group, Key, WebUrl, setting

StoreUrl = Annotated[
    str,
    Meta(
        pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_.-]+)*/?$",
        extra={"allowed": "a bucket such as s3://bucket or s3://bucket/prefix"},
    ),
]


class CallAudioSettings(Group, frozen=True, kw_only=True):
    call_audio: Annotated[
        Literal["off", "announced", "silent"],
        setting(
            "CALL_AUDIO",
            "Whether calls are recorded; announced: the agent says so first; silent: you answer for the law, which "
            "asks for everybody's consent in many places",
        ),
    ] = "off"
    announcement: Annotated[
        Annotated[str, Meta(min_length=3, max_length=300)] | None,
        setting(
            "CALL_AUDIO_ANNOUNCEMENT",
            "What the agent says before anything else where CALL_AUDIO=announced, word for word in every call; unset: "
            "that it is recorded, in the agent's language",
        ),
    ] = None
    live: Annotated[
        Literal["off", "on"],
        setting(
            "LIVE_LISTENING",
            "Whether people may listen to calls while they last; you answer for the law, which differs from place to "
            "place and often wants callers told: where CALL_AUDIO=announced nobody listens before the announcement was "
            "heard, which is to name it then",
        ),
    ] = "off"
    days: Annotated[
        Annotated[int, Meta(ge=1, le=3650)], setting("CALL_AUDIO_DAYS", "Days after which a recording is deleted")
    ] = 90
    store: Annotated[
        StoreUrl | None,
        setting("CALL_AUDIO_STORE", "Bucket that keeps recordings; unset: call-audio in the data directory"),
    ] = None
    links: Annotated[
        bool,
        setting(
            "CALL_AUDIO_LINKS",
            "Whether calls logged in Close carry a link to their recording, which whoever has it may open (PUBLIC_URL)",
        ),
    ] = False
    s3_endpoint_url: Annotated[
        WebUrl | None, setting("S3_ENDPOINT_URL", "Address of the S3-compatible store; unset: AWS")
    ] = None
    s3_region: Annotated[str, setting("S3_REGION", "Region of the store")] = "us-east-1"
    s3_access_key_id: Annotated[Key | None, setting("S3_ACCESS_KEY_ID", "Key of the store")] = None
    s3_secret_access_key: Annotated[Key | None, setting("S3_SECRET_ACCESS_KEY", "Secret of it", secret=True)] = None

    @property
    def live_listening(self) -> bool:
        return self.live == "on"

    @property
    def is_on(self) -> bool:
        return self.call_audio != "off"
