"""``jiyi calendar``: load a year of the working calendar the day it is announced, and show what is in force."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.asking import Certificate, Hub, ask_hub
from hub.cli.output import JsonFlag, envelope, fail, note, write

calendar_app = typer.Typer(help="Load and show years of the working calendar.", no_args_is_help=True)

_YEAR = "{ year version source isEstimated loadedAt holidays { date name nameEn } workdays }"
_LOAD = f"mutation ($input: CalendarInput!) {{ loadCalendar(input: $input) {_YEAR} }}"
_SHOW = f"query ($year: Int!) {{ workingCalendar(year: $year) {_YEAR} }}"
_KEYS = {"name_en": "nameEn"}


@calendar_app.command("load")
def load_calendar(
    file: Annotated[
        Path, typer.Argument(help="JSON: year, source, holidays, workdays.", exists=True, dir_okay=False)
    ],
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Load a year as it was announced, as a new version. Open cases are counted anew."""
    loaded = ask_hub(hub, _LOAD, {"input": _input(file, as_json)}, as_json, ca_file)["loadCalendar"]
    if as_json:
        write(envelope({"calendar": loaded}))
    else:
        note(f"{loaded['year']} is loaded as version {loaded['version']}: {loaded['source']}")


@calendar_app.command("show")
def show_calendar(
    year: Annotated[int, typer.Argument(help="The year.")],
    hub: Hub = None,
    ca_file: Certificate = None,
    as_json: JsonFlag = False,
) -> None:
    """Show what is in force for a year, and the versions before it."""
    versions = ask_hub(hub, _SHOW, {"year": year}, as_json, ca_file)["workingCalendar"]
    if as_json:
        write(envelope({"versions": versions}))
        return
    if not versions:
        note(f"Nothing is known of {year}: weekends alone are counted as days off. Load it when it is announced.")
        return
    newest, *earlier = versions
    kind = "estimated" if newest["isEstimated"] else "announced"
    write(f"{year}, version {newest['version']}, {kind}: {newest['source']}")
    for day in newest["holidays"]:
        write(f"  off   {day['date']}  {day['name']} ({day['nameEn']})")
    for date in newest["workdays"]:
        write(f"  work  {date}")
    for version in earlier:
        write(f"before: version {version['version']}, loaded {version['loadedAt']}: {version['source']}")


def _input(file: Path, as_json: bool) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        holidays = [{_KEYS.get(key, key): value for key, value in each.items()} for each in content["holidays"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{file}: is no calendar ({type(error).__name__}). See docs/time-limits.md for the format."
        fail("BAD_CALENDAR", message, as_json=as_json, exit_code=2)
    return {**content, "holidays": holidays, "workdays": content.get("workdays", [])}
