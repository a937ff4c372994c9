"""Blobs in a directory, and in a bucket that takes nothing unsigned: the same port, the same answers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from signed_bucket import SignedBucket, serving_bucket

from storage.blobs.directory import DirectoryStore
from storage.blobs.port import BlobError, BlobNotFound, BlobStore
from storage.blobs.s3 import S3Access, S3Store


@pytest.fixture(params=["directory", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BlobStore]:
    if request.param == "directory":
        yield DirectoryStore(tmp_path / "store")
        return
    async with serving_bucket(SignedBucket("AKTEST", "a-secret")) as url:
        yield S3Store(S3Access("calls", "of/acme", url, "eu-central-1", "AKTEST", "a-secret"))


async def test_what_is_put_is_read_in_parts_and_deleted(store: BlobStore, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096
    (tmp_path / "blob").write_bytes(content)
    await store.check()
    await store.put("2026-01-12/rec_1.mp3", tmp_path / "blob")
    assert await store.read("2026-01-12/rec_1.mp3", 1000, 500) == content[1000:1500]
    assert await store.read("2026-01-12/rec_1.mp3", len(content) - 10, 500) == content[-10:]
    await store.delete("2026-01-12/rec_1.mp3")
    await store.delete("2026-01-12/rec_1.mp3")
    with pytest.raises(BlobNotFound):
        await store.read("2026-01-12/rec_1.mp3", 0, 10)
    with pytest.raises(ValueError, match="not a key"):
        await store.delete("../rec_1.mp3")


async def test_a_bucket_that_refuses_or_breaks_says_so_without_a_secret(tmp_path: Path) -> None:
    bucket = SignedBucket("AKTEST", "a-secret")
    async with serving_bucket(bucket) as url:
        wrong = S3Store(S3Access("calls", "", url, "eu-central-1", "AKTEST", "another-secret"))
        with pytest.raises(BlobError) as refused:
            await wrong.check()
        assert (refused.value.code, bucket.refused > 0, bucket.objects) == ("store_refused", True, {})
        assert "another-secret" not in str(refused.value)
        right = S3Store(S3Access("calls", "", url, "eu-central-1", "AKTEST", "a-secret"))
        (tmp_path / "blob").write_bytes(b"sound")
        await right.put("a.mp3", tmp_path / "blob")
        assert bucket.objects == {"calls/a.mp3": b"sound"}


async def test_a_directory_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("in the way")
    (tmp_path / "blob").write_bytes(b"sound")
    with pytest.raises(BlobError) as failed:
        await DirectoryStore(tmp_path / "store").put("a/b.mp3", tmp_path / "blob")
    assert failed.value.code == "store_failed"
    assert "let the server write" in str(failed.value)
