"""Acting for another: a person's own access token is exchanged for one of the party that gave them a mandate.

The new token's subject is the party, ``act`` names the person, and it ends with the mandate. It cannot be renewed
or exchanged again: ask anew with one's own token. ``mandate`` is a parameter of ours.
Source: RFC 8693 (sections 2.1, 2.2 and 4.1); docs/mandates.md.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin

from auth.actor import Actor
from auth.agency import Agency
from auth.clients import TOKEN_EXCHANGE
from auth.grants import wait
from auth.roles import AGENT, CITIZEN, REPRESENTATIVE
from auth.tokens import InvalidToken, TokenIssuer, TokenVerifier
from schema.domain.mandate import Mandate

if TYPE_CHECKING:
    from auth.authorization_server import Core

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  the name of a type


class MandateRegister(Protocol):
    """Who acts for whom. ``hub.people.mandate_store.MandateStore`` fulfils it."""

    async def in_force(self, id: str, at: datetime) -> Mandate | None:
        """``None`` for one that is unknown, not yet in force, over or ended."""
        ...


class ExchangeGrant(BaseGrant, TokenEndpointMixin):
    """Registered with a ``tokens``, ``verifier`` and ``mandates`` of this server (:func:`exchange_grant`)."""

    GRANT_TYPE = TOKEN_EXCHANGE
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")
    server: Core
    tokens: TokenIssuer
    verifier: TokenVerifier
    mandates: MandateRegister
    now: Callable[[], datetime]

    def validate_token_request(self) -> None:
        """Raises what RFC 8693, section 2.2.2 has for each that is wrong."""
        client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("The client does not exchange tokens.")
        form = self.request.form
        if form.get("subject_token_type") != ACCESS_TOKEN or not form.get("subject_token"):
            raise InvalidRequestError(f"Send your access token as 'subject_token', of the type {ACCESS_TOKEN}.")
        if form.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN or form.get("actor_token"):
            raise InvalidRequestError("An access token is given for one's own access token, and nothing else.")
        self.request.client = client
        self._person = self._signed_in(form["subject_token"], client.get_client_id())
        self._mandate = self._mandate_of(self._person, form.get("mandate", ""))

    def create_token_response(self) -> Any:
        person, mandate = self._person, self._mandate
        roles = [AGENT, REPRESENTATIVE] if mandate.represents else [AGENT]
        token = self.tokens.issue(
            mandate.party,
            person.client_id,
            (),
            roles,
            agency=Agency(person.subject, mandate.id),
            ends_at=mandate.until,
        )
        body = {
            "access_token": token,
            "issued_token_type": ACCESS_TOKEN,
            "token_type": "Bearer",
            "expires_in": self.tokens.seconds_until(mandate.until),
        }
        return 200, body, self.TOKEN_RESPONSE_HEADER

    def _signed_in(self, token: str, client_id: str) -> Actor:
        """The person, by a token that this client was given for them in their own name."""
        try:
            actor = wait(self.verifier.verify, token)
        except InvalidToken as error:
            raise InvalidGrantError(f"The subject token is not good. {error}") from None
        if actor.client_id != client_id or actor.agency is not None or not actor.has_role(CITIZEN):
            raise InvalidGrantError("The subject token is not this client's for a person in their own name.")
        return actor

    def _mandate_of(self, person: Actor, id: str) -> Mandate:
        mandate = wait(self.mandates.in_force, id, self.now()) if id else None
        if mandate is None or mandate.agent != person.subject:
            description = "No mandate of this id is in force for you. The parameter mandate names one."
            raise OAuth2Error(error="invalid_target", description=description)
        return mandate


def exchange_grant(
    tokens: TokenIssuer, verifier: TokenVerifier, mandates: MandateRegister, now: Callable[[], datetime]
) -> type[ExchangeGrant]:
    """The grant over what this server has."""
    given = {"tokens": tokens, "verifier": verifier, "mandates": mandates, "now": staticmethod(now)}
    return type("ExchangeGrant", (ExchangeGrant,), given)
