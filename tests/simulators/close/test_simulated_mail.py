"""The simulated Close's e-mail, asked over plain HTTP."""

from test_simulated_close import World, world

__all__ = ["world"]

DRAFT = {"subject": "Hello", "body_text": "Shall we talk?", "to": ["ann@one.test"]}


async def test_drafts_are_changed_and_sent_and_nothing_else_is(world: World) -> None:
    lead = await world.ask("POST", "/lead/", {"name": "One", "contacts": [{"name": "Ann"}]})
    about = {"lead_id": lead["id"], "contact_id": lead["contacts"][0]["id"], **DRAFT}
    await world.ask("POST", "/activity/email/", {**about, "status": "posted"}, 400)
    refused = await world.ask("POST", "/activity/email/", {**about, "status": "outbox"}, 400)
    assert refused["field-errors"] == {"sender": "This field is required."}
    draft = await world.ask("POST", "/activity/email/", {**about, "status": "draft"})
    assert (draft["_type"], draft["direction"], draft["date_sent"]) == ("Email", "outgoing", None)
    place = f"/activity/email/{draft['id']}/"
    await world.ask("PUT", place, {"subject": "Good day"})
    await world.ask("PUT", place, {"status": "outbox"}, 400)
    sent = await world.ask("PUT", place, {"status": "outbox", "sender": "Sim <sim@example.com>"})
    assert (sent["status"], sent["subject"]) == ("outbox", "Good day")
    sent = await world.ask("GET", place)
    assert (sent["status"], sent["envelope"]["from"]) == ("sent", [{"email": "sim@example.com", "name": "Sim"}])
    await world.ask("PUT", place, {"subject": "Too late"}, 400)
    world.now += 5
    reply = world.close.mail.receive("Ann <ann@one.test>", draft["id"], "Yes.")
    listed = await world.ask("GET", f"/activity/email/?lead_id={lead['id']}")
    assert [mail["id"] for mail in listed["data"]] == [reply["id"], draft["id"]]
    assert {mail["thread_id"] for mail in listed["data"]} == {draft["thread_id"]}
    events = await world.ask("GET", f"/event/?lead_id={lead['id']}&object_type=activity.email&action=created")
    assert [event["object_id"] for event in events["data"]] == [reply["id"], draft["id"]]


async def test_an_address_is_unsubscribed_for_all_contacts(world: World) -> None:
    person = {"name": "Ann", "emails": [{"email": "ann@one.test"}]}
    lead = await world.ask("POST", "/lead/", {"name": "One", "contacts": [person]})
    place = f"/contact/{lead['contacts'][0]['id']}/"
    assert await world.ask("POST", "/unsubscribe/email/", {"email": "Ann@one.test"}, 201) == {"email": "ann@one.test"}
    assert (await world.ask("GET", place))["emails"][0]["is_unsubscribed"] is True
    await world.ask("DELETE", "/unsubscribe/email/ann@one.test/")
    assert (await world.ask("GET", place))["emails"][0]["is_unsubscribed"] is False
