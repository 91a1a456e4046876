"""Three ways in; every token is checked against the published keys and the identity department's register."""

from __future__ import annotations

from joserfc import jwt
from joserfc.jwk import KeySet

from hub.demo.connectors import Enrolment
from hub.demo.residents import Resident, residents_from_elsewhere
from hub.demo.road import Road, expect, expect_equal
from hub.demo.sign_in import sign_in_app, sign_in_tv
from hub.demo.stack import FIVE

IDENTITY = "public-security"


async def walk(road: Road) -> None:
    phone = road.door(IDENTITY)
    road.tokens["citizen"] = await sign_in_app(road.client, road.person, phone)
    road.tokens["stranger"] = await sign_in_app(road.stranger_client, road.other, phone)
    road.tokens["tv"] = await sign_in_tv(road.tv, road.client, road.person, phone)
    discovery = await road.client.json("/.well-known/oauth-authorization-server")
    keys = KeySet.import_key_set(await road.client.json(discovery["jwks_uri"]))
    for who, subject in (("citizen", road.person.id), ("stranger", road.other.id), ("tv", road.person.id)):
        _check_token(road.token_of(who), keys, subject, discovery["issuer"])
    enrolment: Enrolment = road.stack.enrolments[FIVE[2]]
    service = await road.client.client_token(enrolment.client_id, enrolment.client_secret)
    _check_token(service, keys, enrolment.client_id, discovery["issuer"])
    name = (await road.client.data("{ me { name } }", token=road.token))["me"]["name"]
    expect_equal(name, road.person.name, "the signed-in person's name")
    for someone in residents_from_elsewhere():
        await _enter_without_a_resident_card(road, someone)
    refused = await road.client.graphql("{ me { name } }")
    expect_equal(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "without a token")
    road.answers["sign-in"] = {"name": name, "issuer": discovery["issuer"]}


async def _enter_without_a_resident_card(road: Road, person: Resident) -> None:
    """By permit or passport; transport, which knows them by the document that stands first, still finds them."""
    async with road.stack.client() as client:
        token = (await sign_in_app(client, person, road.door(IDENTITY))).access_token
        query = "{ me { id name licences { kind } identityDocuments { number } } }"
        me = (await client.data(query, token=token))["me"]
    expect_equal((me["id"], me["name"]), (person.id, person.name), "who signed in with another document")
    expect_equal([each["kind"] for each in me["licences"]], ["driving-licence"], "their licences")
    expect(person.id_number not in str(me), "a number of a document is shown in full")
    expect(len(me["identityDocuments"]) > 1, "their other documents are not known")


def _check_token(token: str, keys: KeySet, subject: str, issuer: str) -> None:
    decoded = jwt.decode(token, keys, algorithms=["ES256"])
    expect_equal(decoded.header.get("typ"), "at+jwt", "token type")
    expect_equal(decoded.claims["sub"], subject, "token subject")
    expect_equal(decoded.claims["iss"], issuer, "token issuer")
    expect(decoded.claims.get("exp"), "the token never expires")
