"""What the pages say: every key in both languages, every text that code makes keys for, no text outside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.portal.connector_actions import DEEDS
from hub.portal.connector_pages import DONE
from hub.portal.language import all_texts
from hub.registration import KINDS, ConnectorAction, ConnectorState, VersionState
from hub.registry_rules import AllowedAction
from schema.changes import Criticality
from schema.domain.case import CaseActor, CaseEventType, CaseState, Channel
from schema.domain.fee import FeeState
from tests.docs.links import ROOT

TEMPLATES = sorted((ROOT / "hub" / "portal" / "templates").glob("*.html"))
_JINJA = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
_TAG = re.compile(r"<[^>]*>", re.DOTALL)
_BODY = re.compile(r"{% block body %}.*?{% endblock %}")
_USED = re.compile(r"\bt\(\s*[\"']([a-z_]+\.[A-Za-z0-9_-]+)[\"']")


def test_every_text_is_there_in_both_languages() -> None:
    """A page never falls back to a key or to the other language."""
    missing = [key for key, pair in all_texts().items() if not pair["zh-CN"].strip() or not pair["en"].strip()]
    assert missing == []


def test_both_languages_take_the_same_values() -> None:
    """A value that only one language shows is lost in the other."""
    wanted = re.compile(r"{(\w+)}")
    unlike = [
        key
        for key, pair in all_texts().items()
        if set(wanted.findall(pair["zh-CN"])) != set(wanted.findall(pair["en"]))
    ]
    assert unlike == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_a_template_says_nothing_by_itself(template: Path) -> None:
    """All words come from the texts, so that both languages have them."""
    plain = _TAG.sub(" ", _JINJA.sub("", _BODY.sub("", template.read_text(encoding="utf-8"))))
    words = [word for word in re.findall(r"[A-Za-z\u4e00-\u9fff]{2,}", plain) if word not in {"amp"}]
    assert words == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_a_template_uses_only_texts_that_exist(template: Path) -> None:
    """A missing key would be an error page."""
    used = {key for key in _USED.findall(template.read_text(encoding="utf-8")) if not key.endswith("_")}
    assert sorted(used - set(all_texts())) == []


def test_everything_that_the_domain_can_say_has_a_text() -> None:
    """A new state, event or channel fails here until it is translated."""
    keys = (
        [f"states.{state.value}" for state in CaseState]
        + [f"states.FEE_{state.value}" for state in FeeState]
        + [f"events.{kind.value}" for kind in CaseEventType]
        + [f"actors.{actor.value}" for actor in CaseActor]
        + [f"channels.{channel.value}" for channel in Channel]
    )
    assert sorted(key for key in keys if key not in all_texts()) == []


def test_everything_that_the_registry_can_say_has_a_text() -> None:
    """A new kind of connector, state, action or step of its life fails here until it is translated."""
    keys = (
        [f"kinds.{kind}" for kind in KINDS]
        + [f"connector_states.{state}" for state in ConnectorState]
        + [f"version_states.{state}" for state in VersionState]
        + [f"happened.{action}" for action in ConnectorAction]
        + [f"report.{criticality}" for criticality in Criticality]
        + [f"done.{done}" for done in DONE]
        + [f"act.{part}_{action}" for part in ("link", "button") for action in AllowedAction]
        + [f"act.{action}{part}" for part in ("", "_text") for action in AllowedAction]
    )
    assert sorted(key for key in keys if key not in all_texts()) == []
    assert set(DEEDS) == set(AllowedAction)
