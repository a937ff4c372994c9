"""Keys are made, listed and revoked by whoever may, and shown once."""

from api_server import ApiServer, bearer, error_of


async def test_a_key_from_its_making_to_its_end(api: ApiServer) -> None:
    async with api.operator.post("/api/keys", json={"name": "console", "scopes": ["read"]}) as response:
        assert response.status == 201
        made = await response.json()
    assert made["key"].startswith("sk_sales_")
    assert made["scopes"] == ["read"]
    async with api.client.get("/api/conversations", headers=bearer(made["key"])) as response:
        assert response.status == 200
    async with api.operator.get("/api/keys") as response:
        listed = (await response.json())["items"]
    assert [entry["name"] for entry in listed] == ["console", "first key"]
    assert listed[0]["last_used_at"] is not None
    assert listed[0]["created_at"].endswith("Z")
    assert made["key"] not in str(listed)
    assert made["key"].startswith(listed[0]["prefix"])
    async with api.operator.delete(f"/api/keys/{made['id']}") as response:
        assert (response.status, await response.read()) == (204, b"")
    async with api.client.get("/api/conversations", headers=bearer(made["key"])) as response:
        assert response.status == 401
    async with api.operator.delete(f"/api/keys/{made['id']}") as response:
        assert (response.status, (await error_of(response))["code"]) == (404, "key_not_found")


async def test_a_key_made_without_scopes_may_not_make_others(api: ApiServer) -> None:
    async with api.operator.post("/api/keys", json={"name": "app"}) as response:
        made = await response.json()
    assert made["scopes"] == ["realtime", "read", "write"]
    async with api.client.get("/api/keys", headers=bearer(made["key"])) as response:
        assert response.status == 403


async def test_nobody_locks_himself_out(api: ApiServer) -> None:
    async with api.operator.get("/api/keys") as response:
        (own,) = (await response.json())["items"]
    async with api.operator.delete(f"/api/keys/{own['id']}") as response:
        assert (response.status, (await error_of(response))["code"]) == (409, "key_in_use")
    async with api.operator.get("/api/keys") as response:
        assert response.status == 200


async def test_the_list_is_paged(api: ApiServer) -> None:
    for number in range(5):
        await api.services.api_keys.create(f"key {number}")
    names: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        async with api.operator.get("/api/keys", params={"limit": "2", **cursor}) as response:
            page = await response.json()
        names += [entry["name"] for entry in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert names == ["key 4", "key 3", "key 2", "key 1", "key 0", "first key"]
