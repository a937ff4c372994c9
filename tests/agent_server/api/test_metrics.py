"""Figures are for this machine, or for whoever has a key."""

from api_server import ApiServer, StartApi, bearer, error_of

from agent_server.web.origins import OriginPolicy


async def test_figures_of_what_happened(api: ApiServer) -> None:
    async with api.client.get("/api/live") as response:
        await response.read()
    async with api.client.get("/nothing/private-7") as response:
        await response.read()
    async with api.client.get("/metrics") as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=")
        text = await response.text()
    assert 'sales_agent_http_requests_total{method="GET",route="/api/live",status="200"}' in text
    assert 'sales_agent_http_requests_total{method="GET",route="unmatched",status="404"}' in text
    assert "private-7" not in text
    assert "sales_agent_conversations_limit 20.0" in text
    assert "sales_agent_event_loop_lag_seconds_bucket" in text
    assert "sales_agent_start_seconds" in text


async def test_from_elsewhere_it_takes_a_key(api: ApiServer) -> None:
    for headers in ({"X-Forwarded-For": "203.0.113.7"}, {"Forwarded": "for=203.0.113.7"}, {"Host": "evil.example"}):
        async with api.client.get("/metrics", headers=headers) as response:
            assert response.status == 401
        async with api.operator.get("/metrics", headers=headers) as response:
            assert response.status == 200


async def test_a_server_on_the_network_asks_everybody(start_api: StartApi) -> None:
    api = await start_api(HOST="0.0.0.0")
    assert api.services.origins == OriginPolicy(loopback=False)
    async with api.client.get("/metrics") as response:
        assert response.status == 401


async def test_whoever_was_known_sees_them_while_the_database_is_away(api: ApiServer) -> None:
    from_elsewhere = {"X-Forwarded-For": "203.0.113.7"}
    revoked = await api.services.api_keys.create("revoked")
    async with api.client.get("/metrics", headers=from_elsewhere | bearer(revoked.key)) as response:
        assert response.status == 200
    await api.services.api_keys.revoke(revoked.record.id)
    async with api.client.get("/metrics", headers=from_elsewhere | bearer(revoked.key)) as response:
        assert response.status == 401
    async with api.operator.get("/metrics", headers=from_elsewhere) as response:
        assert response.status == 200
    await api.services.database.aclose()
    api.services.api_keys._good.clear()  # as after ten seconds
    api.services.api_keys._bad.clear()
    async with api.operator.get("/metrics", headers=from_elsewhere) as response:
        assert response.status == 200
        assert "sales_agent_sync_workers NaN" in await response.text()
    async with api.operator.get("/api/keys") as response:
        assert (response.status, (await error_of(response))["code"]) == (503, "database_unavailable")
    for unknown in ("sk_sales_" + "a" * 43, revoked.key):
        async with api.client.get("/metrics", headers=from_elsewhere | bearer(unknown)) as response:
            assert response.status == 503
