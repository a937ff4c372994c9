"""Blobs in a bucket of AWS, R2, MinIO, a RunPod network volume, or whatever else speaks S3."""

import asyncio
import secrets
from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct

from storage.blobs.port import BlobError, BlobNotFound, checked

if TYPE_CHECKING:
    from obstore.store import S3Store as Bucket

T = TypeVar("T")

_REQUEST_S: Final = 30.0
_PUT_S: Final = 600.0
_RETRIES: Final = 3
_REFUSED: Final = ("UnauthenticatedError", "PermissionDeniedError")


class S3Access(Struct, frozen=True):
    """``prefix`` without slashes at its ends; ``endpoint`` None: AWS."""

    bucket: str
    prefix: str
    endpoint: str | None
    region: str
    access_key_id: str
    secret_access_key: str

    def __repr__(self) -> str:
        return f"S3Access({self.bucket}/{self.prefix})"


class S3Store:
    """The ``BlobStore`` of any number of machines."""

    def __init__(self, access: S3Access) -> None:
        self._access = access
        self._opened: Bucket | None = None

    async def put(self, key: str, file: Path) -> None:
        import obstore  # noqa: PLC0415 - only where there is a bucket

        await self._do(obstore.put_async(self._bucket, checked(key), file), _PUT_S)

    async def read(self, key: str, start: int, length: int) -> bytes:
        import obstore  # noqa: PLC0415

        return bytes(await self._do(obstore.get_range_async(self._bucket, checked(key), start=start, length=length)))

    async def delete(self, key: str) -> None:
        import obstore  # noqa: PLC0415

        try:
            await self._do(obstore.delete_async(self._bucket, checked(key)))
        except BlobNotFound:
            return

    async def check(self) -> None:
        import obstore  # noqa: PLC0415

        key = f"probe-{secrets.token_hex(8)}"
        await self._do(obstore.put_async(self._bucket, key, b"probe"))
        await self.read(key, 0, 5)
        await self.delete(key)

    @property
    def _bucket(self) -> "Bucket":
        if self._opened is None:
            from obstore.store import S3Store as Bucket  # noqa: PLC0415

            access = self._access
            self._opened = Bucket(
                access.bucket,
                prefix=access.prefix or None,
                endpoint=access.endpoint or f"https://s3.{access.region}.amazonaws.com",
                region=access.region,
                access_key_id=access.access_key_id,
                secret_access_key=access.secret_access_key,
                virtual_hosted_style_request=False,
                disable_bulk_delete=True,  # not every store knows it
                client_options={
                    "allow_http": (access.endpoint or "").startswith("http://"),
                    "connect_timeout": timedelta(seconds=5),
                    "timeout": timedelta(seconds=_PUT_S),
                },
                retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=_REQUEST_S)},
            )
        return self._opened

    async def _do(self, work: Awaitable[T], deadline_s: float = _REQUEST_S) -> T:
        from obstore.exceptions import BaseError, NotFoundError  # noqa: PLC0415

        try:
            async with asyncio.timeout(deadline_s):
                return await work
        except TimeoutError:
            raise BlobError("store_timeout", "The S3 store does not answer in time.") from None
        except (NotFoundError, FileNotFoundError):
            raise BlobNotFound from None
        except BaseError as error:  # its text holds the address, and may hold more
            if type(error).__name__ in _REFUSED:
                message = "The S3 store refuses S3_ACCESS_KEY_ID, its secret, or this bucket to it."
                raise BlobError("store_refused", message) from None
            raise BlobError("store_failed", "The S3 store cannot be used: see S3_ENDPOINT_URL and S3_REGION.") from None
        except OSError:
            raise BlobError("store_failed", "The file cannot be read.") from None
