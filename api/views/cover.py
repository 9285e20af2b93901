"""Who stands in if a technician does not come, and which promises have nobody."""

from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.screen import plain, table
from api.views.paint import margin
from dispatch import texts
from dispatch.cover import NAMED, Cover, Remedy, cover_of
from dispatch.domain.snapshot import Snapshot
from dispatch.judged import JudgedPlan
from dispatch.standing_trial import DELAYS, LATE, Miss
from dispatch.texts import Language
from dispatch.travel import Travel


def cover_line(cover: Cover, lang: Language) -> Text:
    """How many promises want a backup, have one, and have none."""
    without, wanted = len(cover.uncovered), cover.promises
    line = lang.pick(
        f"Cover: {texts.counted(wanted, 'promise', '', lang)} with a backup wanted,"
        f" {len(cover.backups)} covered, {without} without cover",
        f"备份保障：{wanted} 项承诺要求备份，{len(cover.backups)} 项有备份，{without} 项没有",
    )
    if cover.unkept:
        more = len(cover.unkept)
        line += lang.pick(f"; {more} late or left out anyway", f"；另有 {more} 项已超时或未排")
    return Text(line, style="yellow" if without else "green")


def show_cover_line(console: Console, judged: JudgedPlan, travel: Travel, lang: Language) -> None:
    """The line of the summary, where a contract asks for cover."""
    if judged.snapshot.wants_cover:
        console.print()
        console.print(cover_line(cover_of(judged, travel), lang))


def show_cover(console: Console, judged: JudgedPlan, cover: Cover, lang: Language) -> None:
    """The backup of each promise, then the promises that have none."""
    console.print(cover_line(cover, lang))
    for block in (_backups(judged, cover, lang), _uncovered(judged, cover, lang)):
        if block.row_count:
            console.print()
            console.print(block)


def _backups(judged: JudgedPlan, cover: Cover, lang: Language) -> Table:
    made = table(
        lang.pick("visit", "任务"),
        lang.pick("where", "地点"),
        lang.pick("who", "技术员"),
        lang.pick("start", "计划开始"),
        lang.pick("noticed", "察觉时刻"),
        lang.pick("backup", "备份技术员"),
        lang.pick("there by", "备份到场"),
        lang.pick("margin", "余量"),
        right=(7,),
        title=lang.pick("If the technician does not come", "若技术员未到场"),
    )
    for way in cover.backups:
        promise = way.promise
        made.add_row(
            promise.visit_id,
            judged.place_of_visit(promise.visit_id),
            judged.technician(promise.technician_id),
            texts.day_and_time(promise.start_at, judged.zone, lang),
            _clock(judged, promise.start_at, promise.told_at),
            judged.technician(way.technician_id),
            _clock(judged, promise.start_at, way.start_at),
            margin(way.margin_s, lang),
        )
    return made


def _uncovered(judged: JudgedPlan, cover: Cover, lang: Language) -> Table:
    made = table(
        lang.pick("visit", "任务"),
        lang.pick("where", "地点"),
        lang.pick("who", "技术员"),
        lang.pick("noticed", "察觉时刻"),
        lang.pick("latest start", "最迟开始"),
        lang.pick("nearest", "最接近者"),
        lang.pick("why not", "原因"),
        lang.pick("would help", "可行办法"),
        lang.pick("yuan", "元"),
        right=(8,),
        title=lang.pick("Without cover", "没有备份"),
    )
    for found in cover.uncovered:
        promise = found.promise
        remedy = found.remedy
        made.add_row(
            promise.visit_id,
            judged.place_of_visit(promise.visit_id),
            judged.technician(promise.technician_id),
            texts.day_and_time(promise.told_at, judged.zone, lang),
            _clock(judged, promise.told_at, promise.latest_at),
            judged.technician(found.nearest.technician_id) if found.nearest else "",
            _why(found.nearest, lang),
            remedy.change.text(judged.snapshot).say(lang) if remedy else "–",
            texts.yuan(remedy.fen) if remedy else "",
        )
    return made


def _clock(judged: JudgedPlan, since: datetime, at: datetime) -> str:
    return texts.time_of_day(at, judged.zone, since.astimezone(judged.zone).date())


def _why(nearest: Miss | None, lang: Language) -> str:
    """``late 25 min``, ``would make V12 late 5 min``, or the rule that is broken."""
    if nearest is None:
        return lang.pick("nobody else is qualified", "没有其他合格的技术员")
    other = nearest.visit_id or ""
    if nearest.code == NAMED:
        return (
            lang.pick(f"named for {other}", f"已为 {other} 备份")
            if other
            else lang.pick("the parts are counted for others", "备件已为其他承诺预留")
        )
    by = texts.duration(nearest.amount, lang)
    if nearest.code == LATE:
        return lang.pick(f"{by} too late", f"晚到 {by}")
    if nearest.code == DELAYS:
        return lang.pick(f"would make {other} {by} late", f"会使 {other} 超时 {by}")
    amount = texts.amount(nearest.code, nearest.amount, lang)
    return " ".join(filter(None, (texts.rule(nearest.code, lang), other, amount)))


def cover_form(cover: Cover, snapshot: Snapshot, lang: Language) -> dict[str, object]:
    """Cover for programs."""
    return {
        "promises": cover.promises,
        "covered": len(cover.backups),
        "without": len(cover.uncovered),
        "unkept": cover.unkept,
        "backups": [
            {
                **plain(way.promise),
                "backup_id": way.technician_id,
                "backup_shift_id": way.shift_id,
                "backup_start_at": way.start_at,
                "margin_s": way.margin_s,
            }
            for way in cover.backups
        ],
        "uncovered": [
            {
                **plain(found.promise),
                "nearest": found.nearest,
                "remedy": _remedy_form(found.remedy, snapshot, lang),
            }
            for found in cover.uncovered
        ],
    }


def _remedy_form(remedy: Remedy | None, snapshot: Snapshot, lang: Language) -> object:
    if remedy is None:
        return None
    change = remedy.change
    return {
        "fen": remedy.fen,
        "change": {"kind": change.kind, **plain(change)},
        "text": change.text(snapshot).say(lang),
        "backup_id": remedy.stand_in.technician_id,
        "backup_start_at": remedy.stand_in.start_at,
        "margin_s": remedy.stand_in.margin_s,
    }
