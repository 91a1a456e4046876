"""What the pages say: every key in both languages, every text that code makes keys for, no text outside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.kinds import KINDS
from hub.portal.connector_actions import DEEDS
from hub.portal.connector_pages import DONE
from hub.portal.language import all_texts
from hub.portal.notice_pages import GROUPS
from hub.portal.officer_enquiry_pages import DEEDS as ENQUIRY_DEEDS
from hub.registry.registration import ConnectorAction, ConnectorState, VersionState
from hub.registry.registry_rules import AllowedAction
from schema.changes import Criticality
from schema.domain.appointment import AppointmentState
from schema.domain.case import CaseActor, CaseEventType, CaseState, Channel
from schema.domain.enquiry import EnquiryActor, EnquiryEventType, EnquiryKind, EnquiryState
from schema.domain.fee import FeeState
from schema.domain.inspection import InspectionState, InspectionWay
from schema.domain.joint import SubCaseState
from schema.domain.notice import NoticeKind
from schema.domain.notice_delivery import DeliveryState
from schema.domain.notice_preference import NoticeChannel, NoticeLanguage
from schema.domain.stored_file import FileState
from schema.domain.supervision import CardTrigger
from schema.domain.ticket import TicketState
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
        + [f"states.TICKET_{state.value}" for state in TicketState]
        + [f"events.{kind.value}" for kind in CaseEventType]
        + [f"actors.{actor.value}" for actor in CaseActor]
        + [f"channels.{channel.value}" for channel in Channel]
        + [f"sub_case_states.{state.value}" for state in SubCaseState]
        + [f"supervision.trigger_{trigger.value}" for trigger in CardTrigger]
        + [f"inspection_states.{state.value}" for state in InspectionState]
        + [f"inspection_ways.{way.value}" for way in InspectionWay]
        + [f"appointment_states.{state.value}" for state in AppointmentState]
        + [f"file_states.{state.value}" for state in FileState]
        + [f"notice_kinds.{kind.value}" for kind in NoticeKind]
        + [f"notice_channels.{channel.value}" for channel in NoticeChannel]
        + [f"notice_groups.{group.value}" for group in GROUPS]
        + [f"notice_languages.{language.value}" for language in NoticeLanguage]
        + [f"notice_states.{state.value}" for state in DeliveryState]
        + [f"enquiry_kinds.{kind.value}" for kind in EnquiryKind]
        + [f"enquiry_states.{state.value}" for state in EnquiryState]
        + [f"enquiry_events.{kind.value}" for kind in EnquiryEventType]
        + [f"enquiry_actors.{actor.value}" for actor in EnquiryActor]
        + [f"enquiry_deeds.{deed}" for deed in ENQUIRY_DEEDS]
        + [f"enquiry_asks.{ask}" for _, asks in ENQUIRY_DEEDS.values() for ask in asks]
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
