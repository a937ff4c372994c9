"""A server with a telephone number, and callers who dial it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from api_server import ApiServer, StartApi
from dialling import AUTH_TOKEN, Dial, DialledCall, StartPhone, dialled

from simulators.twilio.phone_call import PhoneCall


@pytest.fixture
def start_phone(start_api: StartApi) -> StartPhone:
    async def start(**options: Any) -> ApiServer:
        return await start_api(**{"TWILIO_AUTH_TOKEN": AUTH_TOKEN, **options})

    return start


@pytest.fixture
async def dial() -> AsyncIterator[Dial]:
    """Calls that are still open after the test are hung up."""
    async with AsyncExitStack() as stack:

        async def start(server: ApiServer, **options: Any) -> DialledCall[PhoneCall]:
            call = PhoneCall(f"{server.url}/telephony/twilio/voice", **{"auth_token": AUTH_TOKEN, **options})
            return await stack.enter_async_context(dialled(call, call.run()))

        yield start
