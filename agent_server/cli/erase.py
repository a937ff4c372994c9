"""``sales-agent erase`` and ``sales-agent export-person``: a person's data, straight in the server's database."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO
from uuid import UUID

import typer

from agent_server.cli.database import DataDir, database_address
from agent_server.cli.outcome import DONE, FAILED, CommandError

if TYPE_CHECKING:
    from agent_server.settings import Settings
    from storage.erasure.erasures import Erasure, Erasures
    from storage.erasure.person import Subject
    from storage.erasure.plan import Plan

Lead = Annotated[str | None, typer.Option("--lead", help="Id of the person's lead.")]
Phone = Annotated[str | None, typer.Option("--phone", help="A telephone number of theirs.")]
Email = Annotated[str | None, typer.Option("--email", help="An e-mail address of theirs.")]

WAIT_S = 60.0
"""For what has to end first; a server or worker goes on with it afterwards."""


def erase(
    lead: Lead = None,
    phone: Phone = None,
    email: Email = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would become of it, and erase nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    crm: Annotated[str | None, typer.Option(help="delete or keep the record at the CRM; unset: ERASE_IN_CRM.")] = None,
    data_dir: DataDir = None,
) -> int:
    """Erase what is known of a person. Shows the plan and asks first. Exit code 1 if something has to end before."""
    if crm not in (None, "delete", "keep"):
        raise typer.BadParameter("--crm is one of delete, keep.")
    return asyncio.run(_erase(_subject(lead, phone, email), dry_run, yes, crm, data_dir))


def export_person(
    lead: Lead = None,
    phone: Phone = None,
    email: Email = None,
    *,
    out: Annotated[Path | None, typer.Option(help="File to write; unset: standard output.")] = None,
    data_dir: DataDir = None,
) -> int:
    """Write everything that is known of a person as one JSON document."""
    return asyncio.run(_export(_subject(lead, phone, email), out, data_dir))


async def _erase(subject: "Subject", dry_run: bool, yes: bool, crm: Any, data_dir: Path | None) -> int:
    from agent_server.erasing.work import ErasureWork
    from storage.keys.secret_tokens import utc_now

    async with _kept(data_dir) as (settings, kept):
        choice = crm or settings.privacy.erase_in_crm
        _show(await _asked(kept.plan(subject, choice)))
        if dry_run:
            return DONE
        if not yes and not typer.confirm("Erase it? It cannot be brought back."):
            return FAILED
        erasure, _ = await kept.ask(subject, choice, requested_by="command line", now=utc_now())
        work = ErasureWork(kept, utc_now, again_s=2.0)
        until = asyncio.get_running_loop().time() + WAIT_S
        while erasure.status != "finished" and asyncio.get_running_loop().time() < until:
            if (claimed := await kept.claim()) is not None:
                await work.carry_out(claimed)
            else:
                await asyncio.sleep(0.5)
            erasure = await kept.get(erasure.id) or erasure
    return _told(erasure)


async def _export(subject: "Subject", out: Path | None, data_dir: Path | None) -> int:
    import msgspec

    from storage.keys.secret_tokens import utc_now
    from storage.postgres.json_codec import encode_json

    about = {"subject": msgspec.to_builtins(subject), "exported_at": utc_now()}
    async with _kept(data_dir) as (_, kept), aclosing(kept.show(subject)) as records:
        first = await _asked(anext(records, None))
        if first is None:
            raise CommandError("nothing is known of such a person")
        stream = _owners_file(out) if out is not None else sys.stdout.buffer
        try:
            stream.write(encode_json(about)[:-1] + b',"records":[\n')
            stream.write(encode_json({"kind": first[0], "record": first[1]}))
            async for kind, record in records:
                stream.write(b",\n" + encode_json({"kind": kind, "record": record}))
            stream.write(b"\n]}\n")
            stream.flush()
        finally:
            if out is not None:
                stream.close()
    return DONE


def _owners_file(path: Path) -> BinaryIO:
    """A file that nobody else of this machine reads."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


@asynccontextmanager
async def _kept(data_dir: Path | None) -> "AsyncIterator[tuple[Settings, Erasures]]":
    from agent_server.erasing.erasers import erasures
    from agent_server.settings import load_settings
    from agent_server.stores.shared_redis import SharedRedis
    from storage.postgres.database import open_database
    from storage.postgres.migrate import migrate

    settings = load_settings({} if data_dir is None else {"DATA_DIR": str(data_dir)})
    redis = SharedRedis(settings.process.redis_url, cluster=settings.process.redis_cluster)
    try:
        async with database_address(settings.process) as dsn:
            await migrate(dsn)
            async with await open_database(dsn, max_connections=2, command_timeout_s=60.0) as database:
                yield settings, erasures(settings, database, redis)
    finally:
        await redis.aclose()


def _subject(lead: str | None, phone: str | None, email: str | None) -> "Subject":
    from storage import email_address, phone_number
    from storage.erasure.person import Subject

    if sum(each is not None for each in (lead, phone, email)) != 1:
        raise typer.BadParameter("exactly one of --lead, --phone and --email")
    try:
        lead_id = UUID(lead) if lead is not None else None
    except ValueError:
        raise typer.BadParameter("--lead needs the id of a lead") from None
    number = phone_number.normalised(phone) if phone is not None else None
    address = email_address.normalised(email) if email is not None else None
    if lead_id is None and number is None and address is None:
        raise typer.BadParameter("that is no complete telephone number, or no e-mail address")
    return Subject(lead_id=lead_id, phone=number, email=address)


async def _asked(answer: Any) -> Any:
    from storage.erasure.person import Ambiguous

    try:
        return await answer
    except Ambiguous as error:
        leads = ", ".join(map(str, error.leads)) or "none is a lead; use --email"
        raise CommandError(f"several people share this number; name one with --lead: {leads}") from None


def _show(plan: "Plan") -> None:
    for line in plan.lines:
        print(f"{line.count:>7}  {line.kind:<20} {line.fate}{f' ({line.note})' if line.note else ''}")
    if not plan.lines:
        print("Nothing is known of such a person.")
    for kind, count in plan.waits_for.items():
        print(f"{count:>7}  {kind:<20} to end first")
    if plan.sharing_number:
        print(f"{plan.sharing_number} others have the same number; nothing of them is touched.")


def _told(erasure: "Erasure") -> int:
    if erasure.status == "finished":
        print(f"{erasure.id}: finished, {sum(erasure.counts.values())} records")
        return DONE
    print(f"{erasure.id}: {erasure.status}, waits for {erasure.waits_for}; a server or worker goes on with it")
    return FAILED
