"""Notices on the portal: what one was told and how it left the hub, and where and when one wants to be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk, detailed_error_text
from hub.portal.page import see_other
from hub.portal.visitors import Visitor
from schema.domain.notice_preference import NoticeGroup, NoticeLanguage

LIST = """query MyNotices($before: ID) { notices(first: 20, before: $before) {
  id kind receiptNumber text textEn at readAt
  deliveries { channel state deliveredAt deemedAt mayBeDouble } } }"""
READ = "mutation Read($id: ID!) { done: markNoticeRead(id: $id) { id } }"
SETTINGS = """query MyNoticePreferences { myNoticePreferences {
  language quietFrom quietUntil webPushKey off { channel group } offered
  addresses { id channel shown isConfirmed } } }"""
SET = (
    """mutation Set($input: NoticePreferencesInput!) { done: setNoticePreferences(input: $input) { language } }"""
)
ADD = """mutation Add($channel: NoticeChannel!, $address: String!) {
  done: addNoticeAddress(channel: $channel, address: $address) { id } }"""
CONFIRM = """mutation Confirm($id: ID!, $code: String!) {
  done: confirmNoticeAddress(id: $id, code: $code) { id } }"""
REMOVE = "mutation Remove($id: ID!) { done: removeNoticeAddress(id: $id) }"
SUBSCRIBE = """mutation Subscribe($input: WebPushSubscriptionInput!) {
  done: subscribeWebPush(input: $input) { id } }"""
PATH, SETTINGS_PATH = "/portal/notices", "/portal/notices/settings"
GROUPS = (NoticeGroup.CASES, NoticeGroup.LICENCES, NoticeGroup.ENQUIRIES)
PAGE = 20


class NoticePages:
    """``/portal/notices`` and ``/portal/notices/settings``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        mine = self._desk.signed_in
        return [
            Route(PATH, mine(self.notices), methods=["GET", "POST"]),
            Route(SETTINGS_PATH, mine(self.settings), methods=["GET", "POST"]),
        ]

    async def notices(self, request: Request, visitor: Visitor) -> Response:
        """The newest first; a post marks one as read."""
        if request.method == "POST":
            fields = await self._desk.pages.form(request)
            if fields is None:
                return self._desk.message(request, "expired", 400)
            await self._desk.ask(visitor, READ, {"id": fields.get("id", "")})
            return see_other(PATH)
        before = request.query_params.get("before") or None
        answer = await self._desk.ask(visitor, LIST, {"before": before})
        if answer.data.get("notices") is None:
            return self._desk.message(request, "unavailable", 503)
        found = answer.data["notices"]
        values = {"notices": found, "earlier": found[-1]["id"] if len(found) == PAGE else None}
        return self._desk.pages.render(request, "notices.html", values)

    async def settings(self, request: Request, visitor: Visitor) -> Response:
        """Addresses and preferences; a post does what its form says."""
        wrong = ""
        if request.method == "POST":
            fields = await self._desk.pages.form(request)
            if fields is None:
                return self._desk.message(request, "expired", 400)
            offered = (await self._asked(visitor)).get("offered") or []
            answer = await self._desk.ask(visitor, *_deed(fields, offered))
            if not answer.errors:
                return see_other(f"{SETTINGS_PATH}?done={fields.get('do', '')}")
            wrong = detailed_error_text(self._desk.texts(request), answer)
        preferences = await self._asked(visitor)
        if not preferences:
            return self._desk.message(request, "unavailable", 503)
        outside = [channel for channel in preferences["offered"] if channel != "IN_APP"]
        done = request.query_params.get("done", "")
        values = {
            "preferences": preferences,
            "off": {(each["channel"], each["group"]) for each in preferences["off"]},
            "groups": [each.value for each in GROUPS],
            "languages_of": [each.value for each in NoticeLanguage],
            "outside": outside,
            "typed": [channel for channel in outside if channel != "WEB_PUSH"],
            "done": done if done in {"set", "add", "confirm", "remove", "subscribe"} else "",
            "wrong": wrong,
        }
        return self._desk.pages.render(request, "notice_settings.html", values, 409 if wrong else 200)

    async def _asked(self, visitor: Visitor) -> Mapping[str, Any]:
        return (await self._desk.ask(visitor, SETTINGS)).data.get("myNoticePreferences") or {}


def _deed(fields: Mapping[str, str], offered: list[str]) -> tuple[str, dict[str, Any]]:
    match fields.get("do"):
        case "add":
            return ADD, {"channel": fields.get("channel", "SMS"), "address": fields.get("address", "")}
        case "subscribe":
            names = ("endpoint", "p256dh", "auth")
            return SUBSCRIBE, {"input": {name: fields.get(name, "") for name in names}}
        case "confirm":
            return CONFIRM, {"id": fields.get("id", ""), "code": fields.get("code", "")}
        case "remove":
            return REMOVE, {"id": fields.get("id", "")}
        case _:
            return SET, {"input": _preferences(fields, offered)}


def _preferences(fields: Mapping[str, str], offered: list[str]) -> dict[str, Any]:
    """What is not ticked is off, of the channels that the page showed."""
    shown = [channel for channel in offered if channel != "IN_APP"]
    off = [
        {"channel": channel, "group": group.value}
        for channel in shown
        for group in GROUPS
        if f"{channel}-{group}" not in fields
    ]
    has_quiet = fields.get("quiet") == "true"
    return {
        "language": fields.get("language", NoticeLanguage.ZH.value),
        "quietFrom": _time(fields.get("from", "")) if has_quiet else None,
        "quietUntil": _time(fields.get("until", "")) if has_quiet else None,
        "off": off,
    }


def _time(text: str) -> str | None:
    """``HH:MM`` as the graph writes a time of day."""
    return f"{text}:00" if len(text) == 5 else text or None
