"""The part of the command line that takes facts in and says how things stand."""

from datetime import datetime
from typing import Annotated

import typer

from api.options import DEFAULT_LANGUAGE, JsonOption, LanguageOption, NowOption, say
from api.running import run
from dispatch.domain.events import EventKind
from dispatch.domain.transitions import SHOWN, State
from dispatch.domain.work import Priority

app = typer.Typer()


_MINUTES = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
_WorkOrder = Annotated[str, typer.Argument(metavar="WORK_ORDER", show_default=False)]
_Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help=say("Why.", "原因。"), show_default=False)
]
_Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="KEY",
        show_default=False,
        help=say(
            "Your own number for this command: sent again, it changes nothing.",
            "本次操作的自定编号：重复发送不会产生新的变化。",
        ),
    ),
]


def _shown(state: str | None) -> str | None:
    if state is not None and state not in SHOWN:
        raise typer.BadParameter(", ".join(SHOWN))
    return state


@app.command(
    help=say(
        "How things stand: one work order, or what has to be seen to (emergencies, clocks at risk "
        "and broken, gates, duties, facts that were refused).",
        "当前状况：某一派工单，或全部待办（应急预案、临近和已超的时限、前置条件、回访与投诉、"
        "未能入档的记录）。",
    )
)
def status(
    work_order: Annotated[
        str | None, typer.Argument(metavar="[WORK_ORDER]", show_default=False)
    ] = None,
    within: Annotated[
        float,
        typer.Option(
            min=0.0,
            metavar="HOURS",
            help=say(
                "Clocks that run out so soon are at risk.", "在此小时数内到期的时限视为临近。"
            ),
        ),
    ] = 4.0,
    state: Annotated[
        str | None,
        typer.Option(
            callback=_shown,
            metavar="STATE",
            show_default=False,
            help=say("List the work orders in a state instead.", "改为列出处于某状态的派工单。"),
        ),
    ] = None,
    after: Annotated[
        str,
        typer.Option(
            metavar="ID",
            show_default=False,
            help=say("With --state: those behind this one.", "与 --state 同用：此编号之后的。"),
        ),
    ] = "",
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help=say("With --state.", "与 --state 同用。"))
    ] = 50,
    now: NowOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.status import list_in_state, show_day, show_work_order

    if work_order is not None:
        run(lang, lambda: show_work_order(work_order, now, as_json, lang))
    if state is not None:
        run(lang, lambda: list_in_state(State(state), after, limit, as_json, lang))
    run(lang, lambda: show_day(round(within * 3600), now, as_json, lang))


@app.command(
    help=say(
        "Take a ticket in: it becomes a work order with the ticket's number. The same number "
        "again is the same work order.",
        "受理报修单：生成同编号的派工单。相同编号再次提交仍是同一派工单。",
    )
)
def ticket(
    number: Annotated[str, typer.Argument(metavar="NUMBER", show_default=False)],
    equipment: Annotated[str | None, typer.Option(metavar="ID", show_default=False)] = None,
    site: Annotated[str | None, typer.Option(metavar="ID", show_default=False)] = None,
    product: Annotated[str | None, typer.Option(metavar="NAME", show_default=False)] = None,
    priority: Priority = Priority.NORMAL,
    text: Annotated[str, typer.Option(help=say("What is wrong.", "故障描述。"))] = "",
    contact: Annotated[str, typer.Option(help=say("Whom to ask for.", "联系人。"))] = "",
    channel: Annotated[str, typer.Option(help=say("How it came in.", "来源渠道。"))] = "phone",
    received: Annotated[
        datetime | None,
        typer.Option(
            formats=_MINUTES,
            metavar="TIME",
            show_default=False,
            help=say("When, in local time; by default now.", "受理的当地时间；默认为现在。"),
        ),
    ] = None,
    minutes: Annotated[
        int | None,
        typer.Option(
            min=1,
            show_default=False,
            help=say(
                "How long the repair takes; without it as for the last one of the product.",
                "维修时长（分钟）；不填则参照该产品最近一次。",
            ),
        ),
    ] = None,
    skill: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SKILL[*LEVEL]",
            show_default=False,
            help=say("With --minutes.", "与 --minutes 同用。"),
        ),
    ] = None,
    part: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART[*UNITS]",
            show_default=False,
            help=say("With --minutes.", "与 --minutes 同用。"),
        ),
    ] = None,
    diagnosed_by: Annotated[
        datetime | None,
        typer.Option(
            formats=_MINUTES,
            metavar="TIME",
            show_default=False,
            help=say(
                "When the remote diagnosis is expected to be done; visits may be planned from "
                "then on.",
                "远程诊断的预计完成时间；此后可安排任务。",
            ),
        ),
    ] = None,
    skip_diagnosis: Annotated[
        bool,
        typer.Option(
            "--skip-diagnosis",
            help=say("Somebody has to come in any case.", "无需远程诊断，直接上门。"),
        ),
    ] = False,
    now: NowOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    if minutes is None and (skill or part):
        raise typer.BadParameter(
            lang.pick("--skill and --part need --minutes", "--skill 与 --part 须与 --minutes 同用")
        )
    # Lazily: brings in SQLAlchemy.
    from api.commands.record import TicketWords, new_ticket

    words = TicketWords(
        number,
        equipment,
        site,
        product,
        priority,
        text,
        contact,
        channel,
        received,
        minutes,
        tuple(skill or ()),
        tuple(part or ()),
        diagnosed_by,
        skip_diagnosis,
    )
    run(lang, lambda: new_ticket(words, now, as_json, lang))


@app.command(
    help=say(
        "Record what happened to a work order. What is not possible is refused, and what would be "
        "is named.",
        "记录派工单上发生的事实。不可行的会被拒绝，并列出可行的。",
    )
)
def record(
    work_order: _WorkOrder,
    kind: Annotated[EventKind, typer.Argument(metavar="KIND", show_default=False)],
    visit: Annotated[
        str | None,
        typer.Option(
            metavar="VISIT",
            show_default=False,
            help=say(
                "Which visit; may be left out if there is one only.", "哪个任务；只有一个时可省略。"
            ),
        ),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=_MINUTES,
            metavar="TIME",
            show_default=False,
            help=say("When it happened, in local time; now.", "发生的当地时间；默认为现在。"),
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            show_default=False,
            help=say("Who says so, such as the technician's id.", "记录人，例如技术员编号。"),
        ),
    ] = None,
    event_id: Annotated[
        str | None,
        typer.Option(
            "--id",
            metavar="ID",
            show_default=False,
            help=say(
                "The event's own id: sent again, it changes nothing.",
                "事件编号：重复发送不会产生新的变化。",
            ),
        ),
    ] = None,
    late: Annotated[
        bool,
        typer.Option(
            "--late",
            help=say(
                "From a phone without a signal: any order will do, and what cannot be taken in is "
                "kept for a person.",
                "来自离线手机：顺序不限，无法入档的留待人工处理。",
            ),
        ),
    ] = False,
    note: Annotated[str, typer.Option(metavar="TEXT", show_default=False)] = "",
    expected: Annotated[
        datetime | None,
        typer.Option(
            formats=_MINUTES,
            metavar="TIME",
            show_default=False,
            help=say("Until when a gate is expected to be open.", "前置条件的预计满足时间。"),
        ),
    ] = None,
    amount: Annotated[
        float | None,
        typer.Option(
            metavar="YUAN", show_default=False, help=say("Of a quote.", "报价金额（元）。")
        ),
    ] = None,
    part: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART[*UNITS]",
            show_default=False,
            help=say(
                "Asked for; or what the visit after a failed one needs instead.",
                "申请的备件；或任务未完成时，再次上门改用的备件。",
            ),
        ),
    ] = None,
    used: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART[*UNITS][=SERIAL,…]",
            show_default=False,
            help=say("Built in by the repair.", "维修中使用的备件。"),
        ),
    ] = None,
    returned: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART[=SERIAL[,NEW]][@STATION]",
            show_default=False,
            help=say(
                "Taken out by the repair; NEW is the serial number of what is there instead, "
                "STATION where it lies.",
                "拆回的旧件；NEW 为替换件的序列号，STATION 为旧件存放的服务站。",
            ),
        ),
    ] = None,
    technician: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TECHNICIAN", show_default=False, help=say("Who comes.", "前往的技术员。")
        ),
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option(
            formats=_MINUTES, metavar="TIME", show_default=False, help=say("When.", "何时开始。")
        ),
    ] = None,
    signed_by: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", show_default=False, help=say("For the customer.", "客户签收人。")
        ),
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            show_default=False,
            help=say(
                "Of a failed visit or an emergency plan, such as customer_absent, no_finding.",
                "任务未完成或启动应急预案的原因，例如 customer_absent、no_finding。",
            ),
        ),
    ] = None,
    score: Annotated[
        int | None,
        typer.Option(
            metavar="1-5", show_default=False, help=say("Of a call.", "满意度评分，5 为最好。")
        ),
    ] = None,
    complaint: Annotated[
        str | None,
        typer.Option(metavar="ID", show_default=False, help=say("Which one.", "投诉编号。")),
    ] = None,
    now: NowOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.record import FactWords, record_fact

    words = FactWords(
        work_order=work_order,
        kind=kind,
        visit=visit,
        at=at,
        by=by,
        event_id=event_id,
        late=late,
        note=note,
        details={
            "expected_at": expected,
            "amount_fen": None if amount is None else round(amount * 100),
            "parts": part,
            "parts_used": used,
            "returned": returned,
            "technician_ids": technician,
            "start_at": start,
            "signed_by": signed_by,
            "reason": reason,
            "score": score,
            "complaint_id": complaint,
        },
    )
    run(lang, lambda: record_fact(words, now, as_json, lang))


@app.command(
    help=say(
        "Open the emergency plans that are due: no finding in time, not restored in time. "
        "Meant to be run every few minutes.",
        "启动到时应启动的应急预案：未按时查明故障、未按时修复。建议每隔几分钟运行一次。",
    )
)
def escalate(
    now: NowOption = None, as_json: JsonOption = False, lang: LanguageOption = DEFAULT_LANGUAGE
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.record import open_plans

    run(lang, lambda: open_plans(now, as_json, lang))


@app.command(
    help=say(
        "Send somebody of the nearest station first, to contain the fault before the repair.",
        "由最近的服务站先派人到场处置，再进行维修。",
    )
)
def contain(
    work_order: _WorkOrder,
    reason: _Reason = "",
    key: _Key = None,
    now: NowOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in SQLAlchemy.
    from api.commands.record import send_somebody_first

    run(lang, lambda: send_somebody_first(work_order, reason, key, now, as_json, lang))
