"""Rules: who may select a field. Data that prints and parses, so that a registration can bring its own.

public | signed-in | party | records | denied | role(operator, department) | scope(citizens:read) | a or b

Somebody who acts for another (``auth.agency``) is not "signed-in": that is a person or service in its own name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from auth.actor import Actor

_CALL = re.compile(r"(role|scope)\(\s*([\w:.-]+(?:\s*,\s*[\w:.-]+)*)\s*\)")


class RuleKind(StrEnum):
    PUBLIC = "public"
    SIGNED_IN = "signed-in"
    PARTY = "party"
    RECORDS = "records"
    DENIED = "denied"
    ROLE = "role"
    SCOPE = "scope"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Rule:
    """``names`` are roles of which one is enough, or scopes of which all are needed.

    ``party`` is whoever is signed in or acts for another; ``records`` leaves out agents whose mandate does not
    have the power to use the party's records.
    """

    kind: RuleKind
    names: tuple[str, ...] = ()
    either: tuple[Rule, ...] = ()

    def allows(self, actor: Actor | None) -> bool:
        match self.kind:
            case RuleKind.PUBLIC:
                return True
            case RuleKind.SIGNED_IN:
                return actor is not None and actor.agency is None
            case RuleKind.PARTY:
                return actor is not None
            case RuleKind.RECORDS:
                return actor is not None and (actor.agency is None or actor.agency.uses_records)
            case RuleKind.ROLE:
                return actor is not None and not actor.roles.isdisjoint(self.names)
            case RuleKind.SCOPE:
                return actor is not None and actor.scopes.issuperset(self.names)
            case RuleKind.EITHER:
                return any(rule.allows(actor) for rule in self.either)
            case RuleKind.DENIED:
                return False

    @property
    def wanted(self) -> str:
        """What is missing, as a half-sentence for an error message."""
        match self.kind:
            case RuleKind.ROLE:
                return "the role " + " or ".join(f'"{name}"' for name in self.names)
            case RuleKind.SCOPE:
                return "the scope " + " and ".join(f'"{name}"' for name in self.names)
            case RuleKind.EITHER:
                return " or ".join(rule.wanted for rule in self.either)
            case RuleKind.RECORDS:
                return "a valid access token and, of an agent, a mandate with the power USE_RECORDS"
            case RuleKind.SIGNED_IN:
                return "a valid access token in one's own name"
            case _:
                return "a valid access token"

    def __str__(self) -> str:
        if self.kind is RuleKind.EITHER:
            return " or ".join(str(rule) for rule in self.either)
        return f"{self.kind}({', '.join(self.names)})" if self.names else str(self.kind)


PUBLIC = Rule(RuleKind.PUBLIC)
SIGNED_IN = Rule(RuleKind.SIGNED_IN)
PARTY = Rule(RuleKind.PARTY)
RECORDS = Rule(RuleKind.RECORDS)
DENIED = Rule(RuleKind.DENIED)


def role(*names: str) -> Rule:
    """One of these roles is enough."""
    return Rule(RuleKind.ROLE, _named(names, "role"))


def scope(*names: str) -> Rule:
    """All of these scopes are needed."""
    return Rule(RuleKind.SCOPE, _named(names, "scope"))


def either(*rules: Rule) -> Rule:
    """One of these rules is enough."""
    return Rule(RuleKind.EITHER, either=tuple(rules))


def parse_rule(text: str) -> Rule:
    """The rule that prints as ``text``. Raises ``ValueError`` that shows the forms there are."""
    parts = tuple(_parse_one(part.strip()) for part in text.split(" or "))
    return parts[0] if len(parts) == 1 else either(*parts)


def _parse_one(text: str) -> Rule:
    for rule in (PUBLIC, SIGNED_IN, PARTY, RECORDS, DENIED):
        if text == str(rule):
            return rule
    if (call := _CALL.fullmatch(text)) is None:
        plain = "public, signed-in, party, records, denied"
        raise ValueError(f'"{text}" is not a rule. Write {plain}, role(name) or scope(name).')
    names = tuple(name.strip() for name in call[2].split(","))
    return role(*names) if call[1] == "role" else scope(*names)


def _named(names: tuple[str, ...], kind: str) -> tuple[str, ...]:
    if not names:
        raise ValueError(f"A {kind} rule without names would mean nothing. Name at least one {kind}.")
    return names
