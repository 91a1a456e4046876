"""An item and a trial of one as text for a terminal."""

from __future__ import annotations

from typing import Any

from hub.cli.output import write


def write_item(item: dict[str, Any]) -> None:
    """What it is, what it asks for, and how it came to be offered."""
    for name, value in (
        ("code", item["code"]),
        ("name", f"{item['name']} / {item['nameEn']}"),
        ("version", item["version"]),
        ("state", item["admission"]["state"]),
        ("owner", f"{item['organisation']['code']} {item['organisation']['name']}"),
        ("channels", ", ".join(item["channels"])),
        ("limits", f"{item['promisedLimitDays']} working days promised, {item['statutoryLimitDays']} by law"),
        ("fee", f"{item['feeFen'] / 100:.2f} CNY" if item["feeFen"] else "none"),
    ):
        write(f"{name + ':':10} {value}")
    for each in item["materials"]:
        names, kind = f"{each['name']} / {each['nameEn']}", f"{each['necessity']}, {each['trust']}"
        write(f"material   {each['code']}: {names} ({kind})")
    required = item["form"].get("required", ())
    for name, part in item["form"].get("properties", {}).items():
        kind = " ".join(filter(None, (part.get("type", ""), part.get("format", ""))))
        asked = ", required" if name in required else ""
        write(f"field      {name}: {part.get('title', '')} / {part.get('title_en', '')} ({kind}{asked})")
    for step in item["admission"]["history"]:
        write(f"history    {step['at']} {step['step']} by {step['office']}: {step['reason']}")


def write_trial(trial: dict[str, Any]) -> None:
    """Figures first, then the running cases that it touches."""
    write(f"cases of last year:   {trial['cases']}")
    write(f"would be refused:     {trial['wouldBeRefused']}")
    touched = f"{trial['inProgressTouched']} touched; they keep their version"
    write(f"in progress:          {trial['inProgress']}, {touched}")
    for each in trial["findings"]:
        write(f"{each['severity']:8} {each['code']} at {each['place']}: {each['message']}")
    for each in trial["touched"]:
        write(f"{each['receiptNumber']} {each['state']}: {' '.join(each['problems'])}")
