"""Every error as a problem document (RFC 9457), in the language that the caller asks for."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.invalid import Invalid, invalid_of, pointer_of
from api.settings import SettingError
from dispatch.commands.assigning import OutdatedPlanError, PlaceGoneError
from dispatch.commands.auditing import KeyReusedError
from dispatch.commands.editing import WorkOrderOverError
from dispatch.commands.endpoints import EndpointOffError
from dispatch.commands.places import SiteTakenError
from dispatch.commands.plan_errors import (
    BrokenRulesError,
    NotADraftError,
    StaleVersionError,
    UnknownVersionError,
)
from dispatch.commands.recording_errors import (
    EventTakenError,
    NotYoursError,
    NumberTakenError,
    UnknownEventError,
    UnknownWorkOrderError,
)
from dispatch.commands.run_errors import (
    QueueFullError,
    RunOverlapsError,
    UnknownRunError,
    UnknownStudyError,
)
from dispatch.commands.stock_errors import ReservationError, ShortageError
from dispatch.commands.technicians import TechnicianTakenError
from dispatch.domain.errors import DispatchError
from dispatch.domain.life_errors import (
    ContradictionError,
    IllegalStepError,
    WithdrawalError,
)
from dispatch.sealing import SealError
from dispatch.store.errors import GuardError, StoreError
from dispatch.texts import Language, Text
from scenarios.study_form import StudyMistakesError

PROBLEM = "application/problem+json"
_TYPE = "urn:dispatch:problem:"
_LATER_S = "1"

_UNFIT = 422
_CONFLICT = 409
_TOO_MANY = 429
_UNAVAILABLE = 503

_STATUS: Mapping[type[DispatchError], int] = {
    StoreError: _UNAVAILABLE,
    GuardError: _CONFLICT,
    SettingError: _UNAVAILABLE,
    SealError: _UNAVAILABLE,
    UnknownWorkOrderError: 404,
    UnknownEventError: 404,
    NotYoursError: 403,
    UnknownVersionError: 404,
    UnknownRunError: 404,
    UnknownStudyError: 404,
    RunOverlapsError: _CONFLICT,
    QueueFullError: _TOO_MANY,
    IllegalStepError: _CONFLICT,
    ContradictionError: _CONFLICT,
    WithdrawalError: _CONFLICT,
    EventTakenError: _CONFLICT,
    NumberTakenError: _CONFLICT,
    TechnicianTakenError: _CONFLICT,
    SiteTakenError: _CONFLICT,
    WorkOrderOverError: _CONFLICT,
    ShortageError: _CONFLICT,
    ReservationError: _CONFLICT,
    StaleVersionError: _CONFLICT,
    NotADraftError: _CONFLICT,
    BrokenRulesError: _CONFLICT,
    EndpointOffError: _CONFLICT,
    KeyReusedError: _UNFIT,
    PlaceGoneError: _CONFLICT,
    OutdatedPlanError: _UNAVAILABLE,
}
"""The status of errors and of those derived from them; all others are 422."""

_TITLES: Mapping[int, Text] = {
    400: Text("The request cannot be read", "无法识别的请求"),
    401: Text("Nobody knows who is calling", "未通过身份验证"),
    403: Text("Not allowed", "没有权限"),
    404: Text("Not found", "未找到"),
    405: Text("This cannot be done here", "不支持此操作"),
    409: Text("It contradicts what is on record", "与已有记录冲突"),
    412: Text("It was changed meanwhile", "内容已被更改"),
    413: Text("The request is too large", "请求过大"),
    415: Text("The content is of the wrong type", "内容类型不正确"),
    422: Text("Something in the request is not possible", "请求内容有误"),
    428: Text("It has to be said what is to be changed", "须指明要更改的版本"),
    429: Text("Too many requests", "请求过于频繁"),
    500: Text("An error of the program", "程序错误"),
    503: Text("Not available at the moment", "暂时不可用"),
    504: Text("It took too long", "处理超时"),
}
_DETAILS: Mapping[int, Text] = {
    400: Text(
        "The body is no JSON that can be read; send an object in UTF-8.",
        "正文不是可读的 JSON；请以 UTF-8 发送一个对象。",
    ),
    404: Text("There is nothing at this address.", "该地址没有任何内容。"),
    405: Text("The address is right, the method is not.", "地址正确，但方法不支持。"),
    413: Text("Send less at once.", "请减少一次发送的内容。"),
    500: Text(
        "It was logged with the request's id. Nothing was changed by this request.",
        "已按请求编号记录。本次请求未做任何更改。",
    ),
    504: Text(
        "Whether it was done is not known; send it again with the same Idempotency-Key.",
        "尚不清楚是否已完成；请用相同的 Idempotency-Key 重新发送。",
    ),
}


class ApiError(DispatchError):
    """An error that only a caller over HTTP can make; ``status`` is what it is answered with."""

    status = _UNFIT
    headers: Mapping[str, str] = {}


class NotThereError(ApiError):
    """A thing that is not there, or that the caller does not see."""

    status = 404

    def __init__(self, what: Text, value: object) -> None:
        super().__init__(f"There is no {what.en} {value!r}.", f"没有{what.zh} {value!r}。")


class UnfitError(ApiError):
    """Something in the body that is not possible; ``pointer`` says where."""

    def __init__(self, pointer: str, message_en: str, message_zh: str) -> None:
        super().__init__(message_en, message_zh)
        self.pointer = pointer


def add_error_handlers(app: FastAPI) -> None:
    """Whatever goes wrong, callers get a problem document and never a stack trace."""
    app.exception_handler(DispatchError)(_of_ours)
    app.exception_handler(RequestValidationError)(_of_validation)
    app.exception_handler(HTTPException)(_of_framework)


def problem(
    language: Language,
    status: int,
    code: str,
    detail: Text,
    *,
    invalid: Sequence[Invalid] = (),
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """A problem document: ``code`` is for programs, title and detail are for people."""
    body: dict[str, Any] = {
        "type": _TYPE + code,
        "title": _TITLES[status].say(language),
        "status": status,
        "code": code,
        "detail": detail.say(language),
        **(more or {}),
    }
    if invalid:
        body["errors"] = [found.say(language) for found in invalid]
    said = {"Content-Language": language.value, "Vary": "Accept-Language", **(headers or {})}
    return Response(json.dumps(body, ensure_ascii=False).encode(), status, said, media_type=PROBLEM)


def language_wanted(headers: Mapping[str, str]) -> Language:
    """The better of the two by ``Accept-Language``; English if in doubt."""
    best, found = 0.0, Language.EN
    for wanted in headers.get("accept-language", "").split(","):
        tag, _, rest = wanted.strip().lower().partition(";")
        weight = _weight(rest)
        language = {"zh": Language.ZH, "en": Language.EN}.get(tag[:2])
        if language is not None and weight > best:
            best, found = weight, language
    return found


def _weight(text: str) -> float:
    matched = re.fullmatch(r"\s*q=([01](?:\.[0-9]{0,3})?)\s*", text)
    return float(matched[1]) if matched else 1.0


def code_of(error: type[DispatchError]) -> str:
    """``IllegalStepError`` is ``illegal_step`` to programs."""
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", error.__name__.removesuffix("Error"))
    return words.lower()


def status_of(error: DispatchError) -> int:
    """The status that an error is answered with."""
    if isinstance(error, ApiError):
        return error.status
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), _UNFIT)


def problem_of(error: DispatchError, language: Language) -> Response:
    """The problem document of an error of ours."""
    headers = dict(error.headers) if isinstance(error, ApiError) else {}
    if isinstance(error, StoreError) and error.passes:
        headers["Retry-After"] = _LATER_S
    message = Text(error.message_en, error.message_zh)
    code = code_of(type(error))
    invalid: tuple[Invalid, ...] = ()
    if isinstance(error, UnfitError):
        invalid = (Invalid("pointer", error.pointer, message, code),)
    if isinstance(error, StudyMistakesError):
        invalid = tuple(
            Invalid("pointer", pointer_of(m.place), m.text, code) for m in error.mistakes
        )
    return problem(
        language,
        status_of(error),
        code,
        message,
        invalid=invalid,
        headers=headers,
        more=_more(error),
    )


def _more(error: DispatchError) -> dict[str, Any]:
    """What programs may want to know of an error beside its code."""
    if isinstance(error, IllegalStepError):
        return {"possible": [kind.value for kind in error.legal]}
    if isinstance(error, BrokenRulesError):
        return {"rules": sorted({violation.code for violation in error.broken})}
    if isinstance(error, RunOverlapsError):
        return {"run_id": error.run_id}
    return {}


async def _of_ours(request: Request, error: DispatchError) -> Response:
    return problem_of(error, language_wanted(request.headers))


async def _of_validation(request: Request, error: RequestValidationError) -> Response:
    invalid = [invalid_of(found) for found in error.errors()]
    first = invalid[0]
    where = first.where or "/"
    detail = Text(f"{where}: {first.text.en}", f"{where}：{first.text.zh}")
    language = language_wanted(request.headers)
    if any(found["type"] == "json_invalid" for found in error.errors()):
        return problem(language, 400, "unreadable", _DETAILS[400])
    return problem(language, _UNFIT, "invalid", detail, invalid=invalid)


async def _of_framework(request: Request, error: HTTPException) -> Response:
    return plain_problem(error.status_code, language_wanted(request.headers), error.headers)


def plain_problem(
    status: int, language: Language, headers: Mapping[str, str] | None = None
) -> Response:
    """The problem document of a status of which nothing more is known."""
    title = _TITLES.get(status)
    if title is None:
        status, title = 400, _TITLES[400]
    code = re.sub(r"[^a-z]+", "_", _CODES.get(status, title.en).lower())
    return problem(language, status, code, _DETAILS.get(status, title), headers=headers)


_CODES = {
    400: "unreadable",
    404: "not_there",
    405: "method",
    413: "too_large",
    500: "program",
    504: "time_out",
}
