"""Default-deny by coordinates: zones, rules, and what an operation needs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from graphql import build_schema, parse

from auth.actor import Actor
from auth.policy import Policy
from auth.refusal import Refusal
from auth.rules import DENIED, PUBLIC, either, parse_rule, role, scope

SCHEMA = build_schema("""
  type Query {
    me: Citizen
    case(id: ID!): Case
    serviceItems: [ServiceItem!]!
    organisations: [Organisation!]!
    queues: [Queue!]!
    connectors: [Connector!]!
    citizen(idNumber: String!): Citizen
    forgotten: String
  }
  type Mutation { submitCase(input: String): Case! redriveDeadLetters(ids: [ID!]!): Boolean! }
  type Subscription { caseChanged(case: ID): Case! }
  interface Named { name: String }
  type Citizen implements Named { id: ID! name: String cases: [Case!]! licences: [Licence!]! }
  type Case { id: ID! item: ServiceItem! applicant: Citizen! query: Query queue: Queue }
  type Licence { number: ID! holder: Holder! issuer: Organisation! }
  union Holder = Citizen | Enterprise
  type Enterprise implements Named { name: String creditCode: ID! }
  type ServiceItem implements Named { code: ID! name: String organisation: Organisation! rating: RatingSummary!
    lastApplicant: Citizen named: Named kind: Kind }
  enum Kind { PERMIT }
  type Organisation implements Named { code: ID! name: String head: Citizen staff: [Holder!] }
  type RatingSummary { mean: Float }
  type Queue { name: String ready: Int oldest: Case }
  type Connector { name: String department: Organisation waiting: [Queue!] }
""")

POLICY = Policy()


def actor(*roles: str, scopes: tuple[str, ...] = (), subject: str = "c1", client: str = "portal") -> Actor:
    return Actor(subject, client, frozenset(scopes), frozenset(roles), datetime(2027, 1, 1, tzinfo=UTC))


CITIZEN = actor("citizen")
OPERATOR = actor("operator", subject="operator-cli", client="operator-cli")
DEPARTMENT = actor("department", subject="department-finance", client="department-finance")
SERVICE = actor("service", scopes=("citizens:read",), subject="statistics", client="statistics")


def refused(text: str, who: Actor | None, policy: Policy = POLICY) -> list[tuple[str, str]]:
    """Path and code of every refusal."""
    found = policy.refusals(SCHEMA, parse(text), None, who)
    return [(".".join(each.path), each.code) for each in found]


def test_the_catalogue_is_for_everybody() -> None:
    """Nobody signs in to read what an office offers."""
    text = "{ serviceItems { code name kind organisation { name } rating { mean } } organisations { code } }"
    assert refused(text, None) == []


def test_personal_data_needs_a_person() -> None:
    """Each refused field with its path in the client's terms."""
    text = "{ mine: me { n: name } serviceItems { code } }"
    assert refused(text, None) == [("mine", "UNAUTHENTICATED"), ("mine.n", "UNAUTHENTICATED")]
    assert refused(text, CITIZEN) == []
    assert refused(text, DEPARTMENT) == [("mine", "FORBIDDEN")]


def test_a_refusal_names_the_field_and_what_it_needs() -> None:
    """So that the integrator knows which token to ask for."""
    (refusal,) = POLICY.refusals(SCHEMA, parse("{ q: queues { name } }"), None, actor("department"))
    assert refusal == Refusal(
        ("q",),
        "FORBIDDEN",
        'Field "Query.queues" needs the role "operator". This access token does not have it.',
    )


def test_a_root_field_without_a_rule_is_denied_to_all() -> None:
    """Forgetting a rule must never open something."""
    for who in (None, CITIZEN, OPERATOR, SERVICE):
        assert refused("{ forgotten }", who) == [("forgotten", "FORBIDDEN")]
        assert refused('{ citizen(idNumber: "1") { id } }', who)[0] == ("citizen", "FORBIDDEN")


def test_the_way_from_the_catalogue_to_persons_is_closed() -> None:
    """A department that adds such a field adds it for nobody, until a rule is written."""
    for field in ("serviceItems { lastApplicant { id } }", "organisations { head { id } }"):
        path = field.replace(" { id } }", "").replace(" { ", ".")
        assert (path, "FORBIDDEN") in refused(f"{{ {field} }}", CITIZEN)
    assert refused("{ organisations { staff { __typename } } }", CITIZEN) == [("organisations.staff", "FORBIDDEN")]
    assert refused("{ serviceItems { named { name } } }", CITIZEN) == [("serviceItems.named", "FORBIDDEN")]


def test_operators_see_the_works_and_not_the_people() -> None:
    """Queues lead to no case, cases to no queue."""
    assert refused("{ queues { name ready } connectors { name department { name } } }", OPERATOR) == []
    assert refused("{ queues { oldest { id } } }", OPERATOR) == [("queues.oldest", "FORBIDDEN")]
    assert refused('{ case(id: "1") { queue { name } } }', CITIZEN) == [
        ("case.queue", "FORBIDDEN"),
        ("case.queue.name", "FORBIDDEN"),
    ]
    assert refused("{ me { name } }", OPERATOR) == [("me", "FORBIDDEN")]


def test_a_root_type_reached_from_below_keeps_its_rules() -> None:
    """Payloads often offer ``query``."""
    assert refused('{ case(id: "1") { query { queues { name } } } }', CITIZEN) == [
        ("case.query.queues", "FORBIDDEN"),
        ("case.query.queues.name", "FORBIDDEN"),
    ]


@pytest.mark.parametrize(
    "text", ["mutation { submitCase { id } }", "subscription { caseChanged { id } }", '{ case(id: "1") { id } }']
)
def test_every_kind_of_operation_is_checked(text: str) -> None:
    """Mutations before they act, subscriptions before they open."""
    assert refused(text, CITIZEN) == []
    assert refused(text, None)[0][1] == "UNAUTHENTICATED"
    assert refused(text, DEPARTMENT)[0][1] == "FORBIDDEN"


def test_the_named_operation_counts_and_without_a_name_all_do() -> None:
    """The other operations of a document are not run."""
    document = parse("query A { serviceItems { code } } query B { queues { name } }")
    assert POLICY.refusals(SCHEMA, document, "A", None) == ()
    assert POLICY.refusals(SCHEMA, document, "B", None) != ()
    assert POLICY.refusals(SCHEMA, document, None, None) != ()


def test_a_field_that_the_schema_does_not_have_is_denied() -> None:
    """Validation refuses it first; should it not, this does."""
    assert refused("{ _entities(representations: []) { ... on Citizen { id } } }", CITIZEN)[0][1] == "FORBIDDEN"
    assert refused("{ _service { sdl } }", OPERATOR) == [("_service", "FORBIDDEN")]


def test_requirements_depend_on_the_text_alone() -> None:
    """They are kept beside the plan; who asks is looked at each time."""
    requirements = POLICY.requirements(SCHEMA, parse("{ me { name } serviceItems { code } }"), None)
    assert requirements.personal == ("Citizen.name",)
    assert requirements.refusals(CITIZEN) == ()
    assert len(requirements.refusals(None)) == 2


def test_only_a_service_with_the_scope_reads_all_citizens() -> None:
    """A person never does, whatever is in their token."""
    assert POLICY.may_read_all(SERVICE)
    assert not POLICY.may_read_all(OPERATOR)
    assert not POLICY.may_read_all(actor("citizen", scopes=("citizens:read",), subject="portal"))
    assert not POLICY.may_read_all(actor("service", scopes=("citizens:read",), subject="c1"))


def test_a_connector_brings_rules_for_its_fields_and_changes_none() -> None:
    """Approved with the connector; the hub's own rules cannot be loosened by it."""
    extended = POLICY.with_rules({"Query.citizen": scope("citizens:read"), "Organisation.head": role("operator")})
    assert refused('{ citizen(idNumber: "1") { name } }', SERVICE, extended) == []
    assert refused('{ citizen(idNumber: "1") { name } }', CITIZEN, extended) == [("citizen", "FORBIDDEN")]
    assert refused('{ citizen(idNumber: "1") { name } }', SERVICE) == [("citizen", "FORBIDDEN")]
    assert extended.with_rules({"Query.queues": role("operator")}).rules == extended.rules
    with pytest.raises(ValueError, match=r'"Query\.queues" has the rule "role\(operator\)" already'):
        POLICY.with_rules({"Query.queues": PUBLIC})


def test_every_coordinate_is_classified() -> None:
    """What the matrix over the composed schema is generated from."""
    classes = {name: str(it) for name, it in POLICY.classify(SCHEMA).items()}
    assert classes["Query.me"] == "root: role(citizen, agent)"
    assert classes["Query.forgotten"] == "root: denied (default)"
    assert classes["ServiceItem.code"] == "open: public (default)"
    assert classes["Citizen.name"] == "personal: records (default)"
    assert classes["Queue.ready"] == "operator: role(operator, department, department-staff) (default)"
    assert POLICY.unclassified(SCHEMA) == (
        "Case.queue",
        "Organisation.head",
        "Organisation.staff",
        "Query.citizen",
        "Query.forgotten",
        "Queue.oldest",
        "ServiceItem.lastApplicant",
        "ServiceItem.named",
    )
    assert "Query.forgotten" not in POLICY.with_rules({"Query.forgotten": DENIED}).unclassified(SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "public",
        "signed-in",
        "party",
        "records",
        "denied",
        "role(operator, department, department-staff)",
        "scope(citizens:read)",
        "role(operator) or scope(citizens:read)",
    ],
)
def test_a_rule_prints_and_parses(text: str) -> None:
    """Registrations carry them as text."""
    assert str(parse_rule(text)) == text


@pytest.mark.parametrize(
    "text", ["", "anybody", "role()", "role", "public or", "scope(a b)", "role(a) and role(b)"]
)
def test_a_rule_that_cannot_be_read_is_refused(text: str) -> None:
    """Never read as something looser."""
    with pytest.raises(ValueError, match="is not a rule"):
        parse_rule(text)


def test_rules_allow_whom_they_say() -> None:
    """One role is enough, all scopes are needed."""
    assert role("a", "b").allows(actor("b"))
    assert not scope("a", "b").allows(actor(scopes=("a",)))
    assert either(role("a"), scope("s")).allows(actor(scopes=("s",)))
    assert not either(role("a"), scope("s")).allows(None)
    assert not DENIED.allows(actor("operator", scopes=("citizens:read",)))
    with pytest.raises(ValueError, match="without names"):
        role()
