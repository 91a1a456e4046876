"""Where to go once the demo runs: addresses, people to sign in as, and a request to paste."""

from __future__ import annotations

from hub.demo.environment import write_environment
from hub.demo.places import MESSENGERS, PHONES
from hub.demo.residents import operator, residents, residents_from_elsewhere, staff
from hub.demo.sign_in import sign_in_app
from hub.demo.stack import STAFFED, Stack

_QUERY = "{ me { name licences { number kind issuer { name } } } }"


async def announce(stack: Stack) -> str:
    """The text that ``jiyi demo`` prints when everything serves."""
    operator_file = write_environment(stack.places)
    base = stack.places.hub_url
    phone = stack.places.people_url(PHONES)
    async with stack.client() as client:
        token = (await sign_in_app(client, residents()[0], stack.places.url(PHONES))).access_token
    insecure = "-k " if base.startswith("https") else ""
    offices = {operator(): "  (operator)", staff(): f"  (works for {STAFFED})"}
    people = "\n".join(f"  {person.name}  {person.id_number}{offices.get(person, '')}" for person in residents())
    others = "\n".join(
        f"  {person.name}  {person.id_number}  ({', '.join(value for _, value in person.typed)})"
        for person in residents_from_elsewhere()
    )
    return f"""
Jiyi (集易) is ready.

  portal      {base}/
  TV page     {base}/tv
  explorer    {base}/explorer
  department  {base}/department
  operator    {base}/operator
  graph       {base}/graphql

Sign in with an identity number; the one-time code arrives on the person's mock phone:
{people}
or with another document:
{others}
  phone     {phone}/phone/<identity number or id>
  messages  {stack.places.url(MESSENGERS)}/

Try the graph (the token lasts 15 minutes):
  curl -s {insecure}{base}/graphql -H 'Content-Type: application/json' \\
    -H 'Authorization: Bearer {token}' \\
    -d '{{"query":"{_QUERY}"}}'

In another terminal, to act as the operator (`jiyi demo --token` prints a token there):
  . {operator_file}

Each request is told below: how long it took, the subgraphs asked, what failed.
Ctrl-C stops everything; the next `make demo` goes on from here, `make demo-reset` begins anew."""
