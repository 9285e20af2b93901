"""Messages as the robots of chat groups take them: WeCom, DingTalk, Feishu.

Plain text: names of sites and people come from others and must not become links or calls.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import quote

from dispatch.domain.events import EmergencyReason, EventKind, Measure
from dispatch.domain.life_texts import EMERGENCIES, EVENTS, MEASURES
from dispatch.domain.messages import EndpointFormat, MessageKind
from dispatch.texts import CLOCKS, Language, Text, day_and_time

MOST_BYTES = 2000
"""Of one text: WeCom takes 2048."""
_BREAKS = str.maketrans(dict.fromkeys("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))

TEMPLATES: Mapping[MessageKind, Text] = {
    MessageKind.ASSIGNMENT_MADE: Text(
        "[Assigned] {site}: {people}, {start} ({visit})",
        "【派工】{site}：{people}，{start}（{visit}）",
    ),
    MessageKind.ASSIGNMENT_CHANGED: Text(
        "[Changed] {site}: {people}, {start}; before {old_people}, {old_start} ({visit})",
        "【改派】{site}：{people}，{start}；原为 {old_people}，{old_start}（{visit}）",
    ),
    MessageKind.ASSIGNMENT_WITHDRAWN: Text(
        "[Withdrawn] {site}: {old_people} will not come at {old_start} ({visit})",
        "【撤销】{site}：{old_people} 原定 {old_start} 的任务取消（{visit}）",
    ),
    MessageKind.PLAN_PUBLISHED: Text(
        "[Plan] Version {version} is published; visits changed: {visits_changed}",
        "【计划】版本 {version} 已发布；变动任务 {visits_changed} 个",
    ),
    MessageKind.CLOCK_AT_RISK: Text(
        "[At risk] {site}: {clock} due {due} ({order})",
        "【时限临近】{site}：须在 {due} 前{clock}（{order}）",
    ),
    MessageKind.CLOCK_BROKEN: Text(
        "[Overdue] {site}: {clock} was due {due} ({order})",
        "【已超时限】{site}：应在 {due} 前{clock}（{order}）",
    ),
    MessageKind.EMERGENCY_OPENED: Text(
        "[Emergency] {site}: {reason}; {measures} ({order})",
        "【应急预案】{site}：{reason}；{measures}（{order}）",
    ),
    MessageKind.EVENT_WITHDRAWN: Text(
        "[Mistake] {site}: '{event}' of {happened} was recorded by mistake: {why} ({order})",
        "【撤回记录】{site}：{happened} 的“{event}”系误记：{why}（{order}）",
    ),
}


class Lookup:
    """What ids are called, and where it is what time."""

    def __init__(
        self,
        sites: Mapping[str, str],
        technicians: Mapping[str, str],
        zone: tzinfo,
    ) -> None:
        self._sites, self._technicians, self.zone = sites, technicians, zone

    def site(self, site_id: str) -> str:
        return self._sites.get(site_id, site_id)

    def people(self, technician_ids: list[str], lang: Language) -> str:
        return lang.pick(", ", "、").join(self._technicians.get(t, t) for t in technician_ids)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What is posted where."""

    url: str
    body: bytes


def line(kind: MessageKind, data: Mapping[str, Any], names: Lookup, lang: Language) -> str:
    """A message in one line."""
    words: dict[str, object] = dict(data)
    words["site"] = names.site(data.get("site_id", ""))
    words["visit"], words["order"] = data.get("visit_id"), data.get("work_order_id")
    for told, prefix in (("assignment", ""), ("before", "old_")):
        given = data.get(told)
        words[f"{prefix}people"] = names.people(given["technician_ids"], lang) if given else "–"
        words[f"{prefix}start"] = _time(given["start_at"], names, lang) if given else "–"
    if "due_at" in data:
        words["due"] = _time(data["due_at"], names, lang)
        words["clock"] = CLOCKS[data["clock"]].say(lang)
    if "reason" in data:
        words["reason"] = EMERGENCIES[EmergencyReason(data["reason"])].say(lang)
        measures = (MEASURES[Measure(m)].say(lang) for m in data["measures"])
        words["measures"] = lang.pick(", ", "、").join(measures) or "–"
    if "event" in data:
        words["event"] = EVENTS[EventKind(data["event"])].say(lang)
        words["happened"] = _time(data["happened_at"], names, lang)
    return TEMPLATES[kind].say(lang).format(**words).translate(_BREAKS)


def fitting(lines: list[str]) -> list[str]:
    """As many of the lines, from the first on, as one text may hold; at least one, cut to fit."""
    room, fit = MOST_BYTES, list[str]()
    for text in lines:
        needed = len(text.encode()) + 1
        if needed > room:
            break
        room -= needed
        fit.append(text)
    return fit or [lines[0].encode()[:MOST_BYTES].decode(errors="ignore")]


def chat_request(
    chat: EndpointFormat, url: str, secret: str, text: str, sent_at: datetime
) -> ChatRequest:
    """The request that says a text in a group; ``secret`` signs it, empty: no signature."""
    if chat is EndpointFormat.FEISHU:
        # Its text knows tags, such as one that calls everybody.
        content = text.replace("<", "＜").replace(">", "＞")
        said: dict[str, object] = {"msg_type": "text", "content": {"text": content}}
        if secret:
            timestamp = str(int(sent_at.timestamp()))
            said |= {"timestamp": timestamp, "sign": _sign(f"{timestamp}\n{secret}", "")}
        return ChatRequest(url, _json(said))
    if chat is EndpointFormat.DINGTALK and secret:
        timestamp = str(int(sent_at.timestamp() * 1000))
        sign = quote(_sign(secret, f"{timestamp}\n{secret}"), safe="")
        url += f"{'&' if '?' in url else '?'}timestamp={timestamp}&sign={sign}"
    return ChatRequest(url, _json({"msgtype": "text", "text": {"content": text}}))


def refusal(body: bytes) -> str | None:
    """Why a robot did not say it; None: it did. All of them answer 200 whatever they think."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return "no JSON"
    if not isinstance(said, dict):
        return "no JSON object"
    code = next((said[n] for n in ("errcode", "code", "StatusCode") if n in said), None)
    if code == 0:
        return None
    return f"{code}: {said.get('errmsg') or said.get('msg') or ''}"


def _time(at: str, names: Lookup, lang: Language) -> str:
    return day_and_time(datetime.fromisoformat(at), names.zone, lang)


def _sign(key: str, signed: str) -> str:
    made = hmac.new(key.encode(), signed.encode(), hashlib.sha256)
    return base64.b64encode(made.digest()).decode()


def _json(said: Mapping[str, object]) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()
