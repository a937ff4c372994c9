"""How many sockets and files the process may have open."""

import resource

WANTED = 65_536


def raise_open_files() -> None:
    """As many as the system lets it have, up to ``WANTED``: the usual 1024 is used up by idle connections before the
    conversations are, and then nobody gets in."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
