"""Encryption of secrets at rest, with keys that can be replaced while everything runs.

Fernet (AES-128-CBC with HMAC-SHA256, random IV) from ``cryptography``. To rotate: put the new key in front of the old
one, restart process by process, let ``CredentialStore.rotate`` re-encrypt, then drop the old key.
"""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class VaultError(Exception):
    """``code``: invalid_encryption_key, or cannot_decrypt (a key was dropped too early, or the value is not what was
    stored under this name)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def generate_key() -> str:
    """A new key, as ``ENCRYPTION_KEY`` takes it."""
    return Fernet.generate_key().decode()


class Vault:
    """``keys`` newest first: the first encrypts, all decrypt."""

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            fernets = [Fernet(key.strip()) for key in keys]
        except ValueError as error:
            message = "An encryption key is 32 random bytes in URL-safe base64."
            raise VaultError("invalid_encryption_key", message) from error
        if not fernets:
            raise VaultError("invalid_encryption_key", "At least one encryption key is needed.")
        self._newest = fernets[0]
        self._all = MultiFernet(fernets)

    @classmethod
    def from_setting(cls, text: str) -> "Vault":
        """Keys separated by commas, newest first."""
        return cls([key for key in text.split(",") if key.strip()])

    def seal(self, secret: str, context: str) -> bytes:
        """Encrypt. ``context`` names the place it is kept in; opened under another it is refused, so that a row's
        secret cannot be passed off as another's."""
        return self._all.encrypt(f"{context}\n{secret}".encode())

    def open(self, sealed: bytes, context: str) -> str:
        """Raises VaultError."""
        try:
            found, _, secret = self._all.decrypt(sealed).decode().partition("\n")
        except (InvalidToken, UnicodeDecodeError) as error:
            raise VaultError("cannot_decrypt", "No encryption key opens this secret.") from error
        if found != context:
            raise VaultError("cannot_decrypt", "This secret was stored under another name.")
        return secret

    def renewed(self, sealed: bytes) -> bytes | None:
        """The same secret under the newest key, None when it is already. Raises VaultError."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            pass
        else:
            return None
        try:
            return self._all.rotate(sealed)
        except InvalidToken as error:
            raise VaultError("cannot_decrypt", "No encryption key opens this secret.") from error
