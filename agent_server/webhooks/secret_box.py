"""Secrets of endpoints as they are kept: encrypted like other systems' credentials, each for its endpoint alone."""

from crm.vault import Vault


class SecretBox:
    """Every method that opens raises VaultError."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, endpoint_id: str, secret: str) -> bytes:
        return self._vault.seal(secret, _context(endpoint_id))

    def keys(self, endpoint_id: str, *sealed: bytes | None) -> list[str]:
        """Those there are."""
        return [self._vault.open(each, _context(endpoint_id)) for each in sealed if each is not None]

    def renewed(self, sealed: bytes) -> bytes | None:
        """Under the newest key; None: it is already."""
        return self._vault.renewed(sealed)


def _context(endpoint_id: str) -> str:
    return f"webhook/{endpoint_id}"
