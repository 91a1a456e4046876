"""``jiyi item``: the catalogue from a shell: what is offered, and the way of an item into it and out of it.

A file of an item is TOML or JSON with the keys of docs/forms.md. What is admitted serves within seconds on every
hub, without a restart. Source: docs/domain.md, "Admission".
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.asking import Certificate, Hub, ask_hub
from hub.cli.input import Unreadable, read_text
from hub.cli.item_texts import write_item, write_trial
from hub.cli.output import JsonFlag, envelope, fail, note, write

item_app = typer.Typer(help="Service items: look, check, propose, review, admit.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help='TOML or JSON of one item; "-" is stdin.')]
Code = Annotated[str, typer.Argument(help="The item's code.")]
Proposal = Annotated[str, typer.Argument(metavar="PROPOSAL", help="The proposal's id.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with who and when.")]
From = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="From then on, as 2027-01-01T00:00:00+08:00.")
]

_FINDINGS = "findings { code severity place message }"
_PROPOSAL = f"{{ id item state version chargesFee proposedAt {_FINDINGS} history {{ step office at reason }} }}"
_LIST = """query ($search: String) { serviceItems(search: $search) {
  code name nameEn category version promisedLimitDays feeFen channels organisation { code name } } }"""
_SHOW = """query ($code: ID!) { serviceItem(code: $code) {
  code name nameEn description descriptionEn version category type levels channels isInstant visits
  promisedLimitDays statutoryLimitDays feeFen enquiryTelephone complaintTelephone form
  organisation { code name nameEn } legalBasis { title titleEn article }
  conditions { code name nameEn } materials { code name nameEn necessity trust }
  admission { state since reason history { step office at reason version effectiveFrom } } } }"""
_TRY = f"""query ($content: JSON!) {{ tryServiceItem(content: $content) {{ {_FINDINGS}
  cases wouldBeRefused inProgress inProgressTouched touched {{ receiptNumber state problems }} }} }}"""
_PROPOSALS = f"query ($state: ProposalState) {{ itemProposals(state: $state) {_PROPOSAL} }}"
_PROPOSE = f"""mutation ($content: JSON!, $reason: String!) {{
  done: proposeServiceItem(content: $content, reason: $reason) {_PROPOSAL} }}"""
_REVIEW = f"""mutation ($id: ID!, $approve: Boolean!, $reason: String!) {{
  done: reviewServiceItem(proposal: $id, approve: $approve, reason: $reason) {_PROPOSAL} }}"""
_ADMIT = f"""mutation ($id: ID!, $reason: String!, $from: DateTime) {{
  done: admitServiceItem(proposal: $id, reason: $reason, effectiveFrom: $from) {_PROPOSAL} }}"""
_WITHDRAW = f"""mutation ($id: ID!, $reason: String!) {{
  done: withdrawItemProposal(proposal: $id, reason: $reason) {_PROPOSAL} }}"""
_STANDS = """mutation ($code: ID!, $reason: String!, $from: DateTime) {
  done: %s(code: $code, reason: $reason, effectiveFrom: $from) { code admission { state since } } }"""
_MERGE = """mutation ($code: ID!, $into: ID!, $reason: String!, $from: DateTime) {
  done: mergeServiceItem(code: $code, successor: $into, reason: $reason, effectiveFrom: $from) {
    code admission { state since } } }"""


@item_app.command("list")
def list_items(
    search: Annotated[str | None, typer.Option(help="A word, synonym, pinyin or its initials.")] = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """List what is offered."""
    found = ask_hub(hub, _LIST, {"search": search}, as_json, ca_file)["serviceItems"]
    if as_json:
        write(envelope({"items": found}))
        return
    for each in found:
        write(f"{each['code']:26} v{each['version']:<3} {each['organisation']['name']}  {each['name']}")
    if not found:
        note("nothing is offered under this word" if search else "nothing is offered")


@item_app.command()
def show(code: Code, hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False) -> None:
    """Show one item with its form and its history, also one that was suspended or left."""
    found = ask_hub(hub, _SHOW, {"code": code}, as_json, ca_file)["serviceItem"]
    if found is None:
        fail("NOT_FOUND", f'There is no service item "{code}". `jiyi item list` names all.', as_json=as_json)
    if as_json:
        write(envelope({"item": found}))
    else:
        write_item(found)


@item_app.command()
def lint(file: File, hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False) -> None:
    """Tell what the catalogue's rules say of an item; exit 1 where one is broken."""
    found = _tried(file, hub, ca_file, as_json)["findings"]
    errors = [each for each in found if each["severity"] == "ERROR"]
    if not as_json:
        for each in found:
            write(f"{each['severity']:8} {each['code']} at {each['place']}: {each['message']}")
    if errors:
        message = f"{len(errors)} to mend before it can be proposed."
        fail("CATALOGUE_LINT", message, as_json=as_json, data={"findings": found})
    if as_json:
        write(envelope({"findings": found}))
    else:
        note("it can be proposed")


@item_app.command("try")
def try_item(file: File, hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False) -> None:
    """Try a change against last year's cases: which could not have been filed so. Changes nothing."""
    trial = _tried(file, hub, ca_file, as_json)
    if as_json:
        write(envelope({"trial": trial}))
    else:
        write_trial(trial)


@item_app.command()
def propose(
    file: File, reason: Reason = "", hub: Hub = None, ca_file: Certificate = None, as_json: JsonFlag = False
) -> None:
    """Propose a new item, or a new version of one: for its department, or an operator."""
    _needs(reason, as_json)
    done = ask_hub(hub, _PROPOSE, {"content": _content(file, as_json), "reason": reason}, as_json, ca_file)
    _tell(done["done"], as_json)


@item_app.command()
def proposals(
    state: Annotated[str | None, typer.Option(help="LEGAL_REVIEW, FEE_REVIEW, REVIEWED, ADMITTED, …")] = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """List proposals, the newest first: all for reviewers, its own for a department."""
    wanted = state.upper().replace("-", "_") if state else None
    found = ask_hub(hub, _PROPOSALS, {"state": wanted}, as_json, ca_file)["itemProposals"]
    if as_json:
        write(envelope({"proposals": found}))
        return
    for each in found:
        write(f"{each['id']}  {each['state']:14} {each['item']}  {each['proposedAt']}")
    if not found:
        note("no proposals")


@item_app.command()
def review(
    proposal: Proposal,
    approve: Annotated[bool, typer.Option("--approve/--reject", help="What you find.")],
    reason: Reason = "",
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Agree to a proposal or reject it, as the legal or the price reviewer whose turn it is."""
    _needs(reason, as_json)
    asked = {"id": proposal, "approve": approve, "reason": reason}
    _tell(ask_hub(hub, _REVIEW, asked, as_json, ca_file)["done"], as_json)


@item_app.command()
def admit(
    proposal: Proposal,
    reason: Reason = "",
    since: From = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Offer what was reviewed, from now or a coming moment on, as an operator."""
    _needs(reason, as_json)
    asked = {"id": proposal, "reason": reason, "from": since}
    _tell(ask_hub(hub, _ADMIT, asked, as_json, ca_file)["done"], as_json)


@item_app.command()
def withdraw(
    proposal: Proposal,
    reason: Reason = "",
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Take an own proposal back."""
    _needs(reason, as_json)
    _tell(ask_hub(hub, _WITHDRAW, {"id": proposal, "reason": reason}, as_json, ca_file)["done"], as_json)


@item_app.command()
def suspend(
    code: Code,
    reason: Reason = "",
    since: From = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Offer an item no longer for a time; running cases go on."""
    _stand("suspendServiceItem", code, reason, since, hub, ca_file, as_json=as_json)


@item_app.command()
def resume(
    code: Code,
    reason: Reason = "",
    since: From = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """End a suspension."""
    _stand("resumeServiceItem", code, reason, since, hub, ca_file, as_json=as_json)


@item_app.command("exit")
def exit_item(
    code: Code,
    reason: Reason = "",
    since: From = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Take an item out of the catalogue; running cases go on."""
    _stand("exitServiceItem", code, reason, since, hub, ca_file, as_json=as_json)


@item_app.command()
def merge(
    code: Code,
    into: Annotated[str, typer.Option("--into", metavar="CODE", help="The item that takes its place.")],
    reason: Reason = "",
    since: From = None,
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Let another item take this one's place."""
    _needs(reason, as_json)
    asked = {"code": code, "into": into, "reason": reason, "from": since}
    _tell_standing(ask_hub(hub, _MERGE, asked, as_json, ca_file)["done"], as_json)


def _stand(
    mutation: str,
    code: str,
    reason: str,
    since: str | None,
    hub: str | None,
    ca_file: Path | None,
    *,
    as_json: bool,
) -> None:
    _needs(reason, as_json)
    asked = {"code": code, "reason": reason, "from": since}
    _tell_standing(ask_hub(hub, _STANDS % mutation, asked, as_json, ca_file)["done"], as_json)


def _needs(reason: str, as_json: bool) -> None:
    if not reason.strip():
        fail("WRONG_USAGE", "Say with --reason why; it is kept.", as_json=as_json, exit_code=2)


def _tried(file: Path, hub: str | None, ca_file: Path | None, as_json: bool) -> dict[str, Any]:
    answer = ask_hub(hub, _TRY, {"content": _content(file, as_json)}, as_json, ca_file)
    trial: dict[str, Any] = answer["tryServiceItem"]
    return trial


def _content(file: Path, as_json: bool) -> dict[str, Any]:
    """The item in a file; the catalogue's own TOML (``[[item]]``) with one item does too."""
    try:
        text = read_text(file)
        written: Any = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except Unreadable as problem:
        fail("BAD_ITEM", str(problem), as_json=as_json, exit_code=2)
    except ValueError as problem:  # Both parsers' errors name line and column.
        fail("BAD_ITEM", f"{file}: {problem}. Write TOML or JSON.", as_json=as_json, exit_code=2)
    items = written.get("item")
    if not isinstance(items, list):
        return dict(written)
    if len(items) != 1 or len(written) != 1:
        fail("BAD_ITEM", f"{file}: one item at a time; it has {len(items)}.", as_json=as_json, exit_code=2)
    return dict(items[0])


def _tell(proposal: dict[str, Any], as_json: bool) -> None:
    if as_json:
        write(envelope({"proposal": proposal}))
        return
    version = f", version {proposal['version']}" if proposal["version"] else ""
    write(proposal["id"])
    note(f"{proposal['item']}: {proposal['state']}{version}")
    for each in proposal["findings"]:
        note(f"{each['severity']:8} {each['code']} at {each['place']}: {each['message']}")


def _tell_standing(item: dict[str, Any], as_json: bool) -> None:
    if as_json:
        write(envelope({"item": item}))
    else:
        note(f"{item['code']}: {item['admission']['state']} since {item['admission']['since']}")
