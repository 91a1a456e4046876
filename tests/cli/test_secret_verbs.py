"""Secrets, keys and allowed hosts by command line: set from where nobody looks, listed, taken away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from tests.cli.conftest import Jiyi, hub_in
from tests.cli.test_connector_verbs import OPERATOR, PARKS, enrol

pytestmark = pytest.mark.whole

VALUE = "canary-of-the-command-line"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    key = "a-key-of-the-command-line-tests-of-forty"
    with hub_in(tmp_path_factory.mktemp("hub"), JIYI_SECRET_KEY=key, JIYI_ALLOW_PRIVATE_ADDRESSES="false") as url:
        yield url


@pytest.fixture(scope="module")
def hub_without_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with hub_in(tmp_path_factory.mktemp("open")) as url:
        yield url


def test_a_secret_is_set_listed_and_removed_and_never_shown(jiyi: Jiyi, hub: str) -> None:
    """From stdin or a variable; the value is in no output."""
    parks = enrol(jiyi, hub, "parks")
    assert "no secrets yet" in jiyi("connector", "secret", "list", "parks", **parks).err
    first = jiyi("connector", "secret", "set", "parks", "API_KEY", stdin=VALUE + "\n", **parks)
    assert (first.exit_code, first.out) == (0, "")
    second = jiyi(
        "connector", "secret", "set", "parks", "TOKEN", "--from-env", "MINE", "--json", MINE=VALUE, **parks
    )
    assert second.data["secret"]["name"] == "TOKEN"
    listed = jiyi("connector", "secret", "list", "parks", **parks)
    assert [line.split()[0] for line in listed.out.splitlines()] == ["API_KEY", "TOKEN"]
    removed = jiyi("connector", "secret", "remove", "parks", "TOKEN", **parks)
    assert (removed.exit_code, removed.out) == (0, "")
    again = jiyi("connector", "secret", "remove", "parks", "TOKEN", **parks)
    assert (again.exit_code, again.code) == (1, "NOT_FOUND")
    by_json = jiyi("connector", "secret", "list", "parks", "--json", **parks)
    assert [each["name"] for each in by_json.data["secrets"]] == ["API_KEY"]
    for ran in (first, second, listed, removed, again, by_json):
        assert VALUE not in ran.out + ran.err


def test_without_a_value_nothing_is_set(jiyi: Jiyi, hub: str) -> None:
    """An empty pipe, or a variable that is not there, is a mistake and no empty secret."""
    parks = enrol(jiyi, hub, "parks")
    for arguments in ((), ("--from-env", "NOT_SET_ANYWHERE")):
        ran = jiyi("connector", "secret", "set", "parks", "API_KEY", *arguments, stdin="", **parks)
        assert (ran.exit_code, ran.code) == (2, "SECRET_UNREADABLE")


def test_an_operator_sets_a_secret_for_a_department_that_has_not_registered_yet(jiyi: Jiyi, hub: str) -> None:
    """Who it will be has to be said."""
    operator = {"JIYI_HUB": hub, **OPERATOR}
    unclear = jiyi("connector", "secret", "set", "lakes", "API_KEY", stdin=VALUE, **operator)
    assert (unclear.exit_code, unclear.code) == (1, "NOT_FOUND")
    clear = jiyi(
        "connector", "secret", "set", "lakes", "API_KEY", "--department", "lakes", stdin=VALUE, **operator
    )
    assert clear.exit_code == 0, clear.err
    lakes = enrol(jiyi, hub, "lakes")
    assert jiyi("connector", "secret", "list", "lakes", **lakes).out.startswith("API_KEY")


def test_a_hub_without_a_key_keeps_no_secret_and_names_the_setting(jiyi: Jiyi, hub_without_key: str) -> None:
    """Better none than one in the open."""
    parks = enrol(jiyi, hub_without_key, "parks")
    ran = jiyi("connector", "secret", "set", "parks", "API_KEY", stdin=VALUE, **parks)
    assert (ran.exit_code, ran.code) == (1, "SECRET_KEY_MISSING")
    assert "JIYI_SECRET_KEY" in ran.err
    assert "no secrets yet" in jiyi("connector", "secret", "list", "parks", **parks).err


def test_a_header_and_a_config_are_registered_with_the_connector(jiyi: Jiyi, hub: str) -> None:
    """A credential in the open is refused, with the mend."""
    meadows = enrol(jiyi, hub, "meadows")
    given = ("connector", "check", "meadows", "--schema", "-", "--url", "https://meadows.example")
    in_the_open = jiyi(*given, "--header", "Authorization: Bearer abc", stdin=PARKS, **meadows)
    assert (in_the_open.exit_code, in_the_open.code) == (1, "INVALID_CONNECTOR_CONFIGURATION")
    assert "{$env.TOKEN}" in in_the_open.err
    named = jiyi(*given, "--header", "Authorization: Bearer {$env.TOKEN}", stdin=PARKS, **meadows)
    assert named.exit_code == 0, named.err
    assert jiyi(*given, "--header", "no colon", stdin=PARKS, **meadows).exit_code == 2


def test_a_host_is_allowed_listed_and_disallowed(jiyi: Jiyi, hub: str) -> None:
    """By an operator, with a reason that the next one reads."""
    operator = {"JIYI_HUB": hub, **OPERATOR}
    rivers = enrol(jiyi, hub, "rivers")
    check = ("connector", "check", "rivers", "--schema", "-", "--url", "http://10.9.8.7/graphql")
    rivers_sdl = PARKS.replace("ark", "iver")
    assert jiyi(*check, stdin=rivers_sdl, **rivers).code == "CONNECTOR_ADDRESS_REFUSED"
    allow = ("department", "allow-host", "rivers", "10.9.0.0/16", "--reason", "their own network")
    assert jiyi(*allow, **rivers).code == "FORBIDDEN"
    assert jiyi(*allow, **operator).exit_code == 0
    assert jiyi(*check, stdin=rivers_sdl, **rivers).exit_code == 0
    listed = jiyi("department", "allowed-hosts", "rivers", **operator)
    assert "10.9.0.0/16" in listed.out
    assert "operator-cli: their own network" in listed.out
    assert jiyi("department", "allowed-hosts", "--json", **operator).data["allowed"][0]["department"] == "rivers"
    disallow = ("department", "disallow-host", "rivers", "10.9.0.0/16")
    assert jiyi(*disallow, **operator).exit_code == 0
    assert jiyi(*disallow, **operator).code == "NOT_FOUND"
    assert jiyi(*check, stdin=rivers_sdl, **rivers).code == "CONNECTOR_ADDRESS_REFUSED"
    never = jiyi("department", "allow-host", "rivers", "169.254.169.254", "--reason", "no", **operator)
    assert (never.exit_code, never.code) == (1, "BAD_USER_INPUT")


def test_a_key_set_at_a_metadata_address_is_wrong_usage(jiyi: Jiyi) -> None:
    """`jiyi gateway` calls neither, whoever wrote the flag."""
    for address in ("http://169.254.169.254/jwks", "file:///etc/jwks", "http://u:p@sign-in.example/jwks"):
        ran = jiyi("gateway", "--subgraphs", "none.json", "--jwks", address)
        assert (ran.exit_code, "--jwks is the http or https address" in ran.err) == (2, True)


def test_an_operator_revokes_the_key_of_licences_and_another_signs(jiyi: Jiyi, hub: str) -> None:
    """Its id leaves the published keys; without a reason nothing is done."""
    operator = {"JIYI_HUB": hub, **OPERATOR}
    [lost] = [each["id"] for each in jiyi("licence", "keys", "--json", **operator).data["keys"]]
    no_reason = jiyi("licence", "revoke-key", lost, **operator)
    no_zone = jiyi("licence", "revoke-key", lost, "--reason", "x", "--since", "2026-11-23T09:00:00", **operator)
    to_come = jiyi("licence", "revoke-key", lost, "--reason", "x", "--since", "2199-01-01T00:00:00Z", **operator)
    revoked = jiyi("licence", "revoke-key", lost, "--reason", "a stolen backup", **operator)
    again = jiyi("licence", "revoke-key", lost, "--reason", "a stolen backup", "--json", **operator)
    listed = jiyi("licence", "keys", **operator).out.splitlines()
    with urlopen(f"{hub}/oauth/jwks") as answer:
        published = json.load(answer)

    assert (no_reason.exit_code, no_zone.exit_code) == (2, 2)
    assert (to_come.exit_code, to_come.code) == (1, "BAD_USER_INPUT")
    assert (revoked.exit_code, revoked.out) == (0, "")
    assert "KEY_REVOKED" in revoked.err
    assert (again.exit_code, again.code) == (1, "CONFLICT")
    assert listed[0].endswith("signs")
    assert listed[1].startswith(lost)
    assert listed[1].endswith(": a stolen backup")
    assert [each["kid"] for each in published["revoked_keys"]] == [lost]
    assert lost not in {each["kid"] for each in published["keys"]}
