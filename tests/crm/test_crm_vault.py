"""Encryption at rest, and replacing its key while everything runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.vault import Vault, VaultError, generate_key

OLD, NEW = generate_key(), generate_key()
CONTEXT = "close/default/api_key"


@given(st.text(max_size=200))
def test_what_is_sealed_opens_again_and_shows_nothing(secret: str) -> None:
    vault = Vault([NEW])
    sealed = vault.seal(secret, CONTEXT)
    assert vault.open(sealed, CONTEXT) == secret
    assert len(secret) < 8 or secret.encode() not in sealed
    assert vault.seal(secret, CONTEXT) != sealed


def test_a_key_is_replaced_without_a_gap() -> None:
    sealed = Vault([OLD]).seal("secret", CONTEXT)
    both = Vault([NEW, OLD])
    assert both.open(sealed, CONTEXT) == "secret"
    renewed = both.renewed(sealed)
    assert renewed is not None
    assert both.renewed(renewed) is None
    assert Vault([NEW]).open(renewed, CONTEXT) == "secret"
    assert Vault([OLD, NEW]).open(renewed, CONTEXT) == "secret"


def code_of(action: object) -> str:
    with pytest.raises(VaultError) as error:
        action()  # type: ignore[operator]
    assert "secret" not in str(error.value).replace("this secret", "").replace("This secret", "")
    return error.value.code


def test_what_cannot_be_opened_says_so() -> None:
    sealed = Vault([OLD]).seal("s3cret", CONTEXT)
    assert code_of(lambda: Vault([NEW]).open(sealed, CONTEXT)) == "cannot_decrypt"
    assert code_of(lambda: Vault([NEW]).renewed(sealed)) == "cannot_decrypt"
    assert code_of(lambda: Vault([OLD]).open(sealed[:-4] + b"AAAA", CONTEXT)) == "cannot_decrypt"
    assert code_of(lambda: Vault([OLD]).open(sealed, "apollo/default/api_key")) == "cannot_decrypt"


@pytest.mark.parametrize(
    "setting",
    ["", "tooshort", "x" * 44, "a,b", f"{NEW},wrong"],
    ids=["none", "short", "no-base64", "two", "one-of-two"],
)
def test_a_setting_that_is_no_key_is_refused(setting: str) -> None:
    assert code_of(lambda: Vault.from_setting(setting)) == "invalid_encryption_key"


def test_the_setting_takes_several_keys() -> None:
    sealed = Vault([OLD]).seal("secret", CONTEXT)
    assert Vault.from_setting(f" {NEW} , {OLD} ").open(sealed, CONTEXT) == "secret"
