"""A typed conversation books a meeting, and another program hears of it, as the vendors' library has it."""

from eventually import eventually
from prospect_talk import LINES, conversation_of, typed
from simulated_world import StartWorld, simulate, start  # noqa: F401 - fixtures
from standardwebhooks import Webhook

from agent_server.webhooks.signing import new_secret
from simulators.webhook_receiver import WebhookReceiver
from storage.keys.secret_tokens import utc_now
from storage.webhooks.endpoints import WebhookEndpoints


async def test_another_program_hears_of_a_meeting_and_of_the_end(start: StartWorld) -> None:  # noqa: F811
    world = await start({}, ())
    async with WebhookReceiver(new_secret()) as receiver:
        await receiver.start()
        await WebhookEndpoints(world.services.database).create(
            "whe_1",
            url=receiver.url,
            description="",
            events=("*",),
            include_words=True,
            enabled=True,
            secret=world.services.webhooks.box.seal("whe_1", receiver.secret),
            most=1,
            now=utc_now(),
        )
        async with world.connect() as connection:
            conversation_id = await conversation_of(connection)
            for line in LINES:
                await typed(connection, line)
        await eventually(lambda: receiver.events("conversation.ended"))
        await eventually(lambda: receiver.events("meeting.booked"))
        for one in receiver.received:
            Webhook(receiver.secret).verify(one.body, dict(one.headers))
    (meeting,) = receiver.events("meeting.booked")
    (ended,) = receiver.events("conversation.ended")
    (lead,) = receiver.events("lead.created")
    assert meeting["data"]["email"] == "bill@initech.com"
    assert {event["data"]["conversation_id"] for event in (meeting, ended)} == {conversation_id}
    assert {event["data"]["lead_id"] for event in (meeting, ended)} == {lead["data"]["lead"]["id"]}
    assert "meeting" in ended["data"]["outcomes"] and ended["data"]["status"] == "closed"
    assert [one["text"] for one in ended["data"]["items"] if one["role"] == "user"] == list(LINES)
