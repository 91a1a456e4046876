"""Secrets of clients: slow to guess where a person chose them, fast where they cannot be guessed."""

from __future__ import annotations

import pytest

from auth.clients import hash_made_secret, hash_secret, new_secret, secret_matches


@pytest.mark.parametrize("hashed_by", [hash_secret, hash_made_secret])
def test_only_the_secret_matches_its_hash(hashed_by: object) -> None:
    """Neither another secret nor the hash itself opens the door; the same secret hashes anew each time."""
    assert callable(hashed_by)
    secret = new_secret()
    hashed = hashed_by(secret)
    assert secret_matches(secret, hashed)
    assert not secret_matches(new_secret(), hashed)
    assert not secret_matches(hashed, hashed)
    assert hashed_by(secret) != hashed
    assert secret not in hashed


def test_each_hash_names_how_it_was_made() -> None:
    """So that a costlier one can come without a migration."""
    assert hash_secret("a").startswith("scrypt$")
    assert hash_made_secret(new_secret()).startswith("sha256$")


def test_a_hash_of_an_unknown_kind_is_told() -> None:
    """Not taken for a secret that does not match."""
    with pytest.raises(ValueError, match='hashed by "md5", which is not known'):
        secret_matches("a", "md5$YQ==$YQ==")
