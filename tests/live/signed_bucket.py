"""A bucket over S3's wire protocol that takes nothing whose signature (AWS Signature Version 4) is not right."""

import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, quote

from aiohttp import web

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w{64})"
)


class SignedBucket:
    """``objects`` by ``bucket/key``. ``is_broken``: it answers 500."""

    def __init__(self, key_id: str, secret: str) -> None:
        self.objects: dict[str, bytes] = {}
        self.is_broken = False
        self.refused = 0
        self._key_id = key_id
        self._secret = secret

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.is_broken:
            return web.Response(status=500)
        if not self._is_signed(request, body):
            self.refused += 1
            code = "<Error><Code>SignatureDoesNotMatch</Code></Error>"
            return web.Response(status=403, text=code, content_type="application/xml")
        key = request.path.lstrip("/")
        if request.method == "PUT":
            self.objects[key] = body
            return web.Response(headers={"ETag": '"1"'})
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return web.Response(status=204)
        if key not in self.objects:
            return web.Response(
                status=404, text="<Error><Code>NoSuchKey</Code></Error>", content_type="application/xml"
            )
        return self._part(request, self.objects[key])

    def _part(self, request: web.Request, content: bytes) -> web.Response:
        headers = {"ETag": '"1"', "Last-Modified": "Mon, 12 Jan 2026 09:00:00 GMT"}
        wanted = request.http_range
        if wanted.start is None and wanted.stop is None:
            return web.Response(body=content, headers=headers)
        start, stop = wanted.start or 0, min(wanted.stop or len(content), len(content))
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(content)}"
        return web.Response(status=206, body=content[start:stop], headers=headers)

    def _is_signed(self, request: web.Request, body: bytes) -> bool:
        found = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
        if found is None:
            return False
        key_id, date, region, names, signature = found.groups()
        digest = request.headers.get("x-amz-content-sha256", "")
        if digest not in (hashlib.sha256(body).hexdigest(), "UNSIGNED-PAYLOAD") or key_id != self._key_id:
            return False
        query = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in parse_qsl(request.query_string, True))
        canonical = "\n".join(
            [
                request.method,
                request.raw_path.partition("?")[0],
                "&".join(f"{k}={v}" for k, v in query),
                *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names.split(";")),
                "",
                names,
                digest,
            ]
        )
        moment = request.headers.get("x-amz-date", "")
        scope = f"{date}/{region}/s3/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"AWS4{self._secret}".encode()
        for part in (date, region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.compare_digest(hmac.new(key, to_sign.encode(), "sha256").hexdigest(), signature)


@asynccontextmanager
async def serving_bucket(bucket: SignedBucket) -> AsyncIterator[str]:
    """Its address."""
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{key:.*}", bucket.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
