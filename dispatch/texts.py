"""What people read, in English and Chinese: languages, rule codes, price items, quantities, times.

Texts that only one screen or file needs stand there, as pairs (see ``Language.pick``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum


class Language(StrEnum):
    EN = "en"
    ZH = "zh"

    def pick(self, english: str, chinese: str) -> str:
        return chinese if self is Language.ZH else english


def language_of(environment: Mapping[str, str]) -> Language:
    """The language that the environment asks for (LC_ALL before LANG); English if in doubt."""
    locale = environment.get("LC_ALL") or environment.get("LANG") or ""
    return Language.ZH if locale.lower().startswith("zh") else Language.EN


@dataclass(frozen=True, slots=True)
class Text:
    en: str
    zh: str

    def say(self, lang: Language) -> str:
        return lang.pick(self.en, self.zh)

    @property
    def both(self) -> str:
        """``派工单 Work order``, for forms and tables that everybody reads."""
        return f"{self.zh} {self.en}"


class Unit(StrEnum):
    """What the amount of a broken rule counts."""

    NOTHING = "nothing"
    SECONDS = "seconds"
    SKILLS = "skills"
    LEVELS = "levels"
    DAYS = "days"
    UNITS = "units"
    TOOLS = "tools"
    PEOPLE = "people"
    VISITS = "visits"
    NIGHTS = "nights"
    FEN = "fen"


@dataclass(frozen=True, slots=True)
class RuleText:
    """How a broken rule reads, and what its amount counts."""

    text: Text
    unit: Unit = Unit.NOTHING


RULE_TEXTS: Mapping[str, RuleText] = {
    "skill": RuleText(Text("lacks a required skill", "缺少所需技能"), Unit.SKILLS),
    "skill_level": RuleText(Text("skill level too low", "技能等级不够"), Unit.LEVELS),
    "skill_expired": RuleText(Text("certificate expired", "证书已过期"), Unit.DAYS),
    "territory": RuleText(Text("does not cover the territory", "不负责该责任区")),
    "excluded": RuleText(Text("barred from the customer or site", "不得派往该客户或现场")),
    "shift": RuleText(Text("does not fit into the shift", "排不进班次"), Unit.SECONDS),
    "overtime": RuleText(Text("more overtime than allowed", "超出允许的加班"), Unit.SECONDS),
    "absence": RuleText(Text("collides with an absence", "与缺勤冲突"), Unit.SECONDS),
    "break": RuleText(Text("a break is missed or late", "休息被错过或推迟"), Unit.SECONDS),
    "window": RuleText(Text("misses the window", "赶不上约定时间窗"), Unit.SECONDS),
    "release": RuleText(
        Text("not released: a gate is open", "未放行：前置条件未满足"), Unit.SECONDS
    ),
    "parts": RuleText(Text("parts missing", "缺少备件"), Unit.UNITS),
    "part_pickup": RuleText(Text("the depot lacks the parts then", "仓库届时缺货"), Unit.UNITS),
    "tool": RuleText(Text("a needed tool is missing", "缺少所需工具"), Unit.TOOLS),
    "crew": RuleText(Text("the crew is not complete", "人手不齐"), Unit.PEOPLE),
    "order": RuleText(
        Text("wrong order or lag to a linked visit", "与关联任务的次序或间隔不符"), Unit.SECONDS
    ),
    "same_technician": RuleText(
        Text("linked visits need the same technician", "关联任务须同一人完成")
    ),
    "run_in": RuleText(Text("leaves before the run-in ends", "试运行未结束就离开"), Unit.SECONDS),
    "travel_limit": RuleText(Text("too much travel in one shift", "单班次路程超限"), Unit.SECONDS),
    "max_visits": RuleText(Text("too many visits in one shift", "单班次任务数超限"), Unit.VISITS),
    "rest": RuleText(Text("too little rest between shifts", "班次间休息不足"), Unit.SECONDS),
    "away": RuleText(Text("a night away that is not allowed", "不允许在外过夜"), Unit.NIGHTS),
    "pinned": RuleText(Text("breaks a pin", "违反锁定"), Unit.SECONDS),
    "standby": RuleText(Text("standby is for emergencies only", "值班只处理紧急任务")),
    "price": RuleText(
        Text("possible, but dearer than leaving it out", "可行，但代价高于不排"), Unit.FEN
    ),
}

LEFT_OUT_TEXTS: Mapping[str, Text] = {
    "by_hand": Text("taken out by hand", "手工移出"),
    "dropped": Text("who or what it needed is not there any more", "所需人员、班次或备件已不可用"),
    "disturbed": Text("taken out by what happened", "因变故移出"),
    "new": Text("came in after the plan was made", "制定计划后新增"),
}
"""Why visits stay out that no rule keeps out."""

# Rules whose amount is 1 when there is no time to measure.
_FLAG_OR_SECONDS = frozenset({"release", "pinned", "shift", "order"})

PRICE_ITEMS: Mapping[str, Text] = {
    "unassigned": Text("visits left out", "未排任务"),
    "clock_respond": Text("late response", "响应超时"),
    "clock_arrive": Text("late on site", "到场超时"),
    "clock_restore": Text("late repair", "修复超时"),
    "travel_time": Text("travel time", "路程时间"),
    "travel_distance": Text("travel distance", "路程里程"),
    "paid_time": Text("paid time", "计薪时间"),
    "overtime_pay": Text("overtime", "加班费"),
    "lodging": Text("lodging", "住宿"),
    "backup_territory": Text("backup territory", "跨区支援"),
    "over_qualification": Text("over-qualification", "高配低用"),
    "wish": Text("wished technician missed", "未派指定技术员"),
    "unfair": Text("unfair load", "负荷不均"),
    "change": Text("change of what was told", "变更已通知安排"),
    "part_move": Text("parts moved", "备件调拨"),
    "worst_late": Text("worst lateness", "最大超时"),
}

# The keys below are the values of the domain's enumerations, which are strings. Not importing them
# keeps the start of the command line short.
DIMENSIONS: Mapping[str, Text] = {
    "month": Text("month", "月份"),
    "province": Text("province", "省份"),
    "station": Text("station", "服务站"),
    "product": Text("product", "产品"),
    "customer": Text("customer", "客户"),
}

CLOCKS: Mapping[str, Text] = {
    "respond": Text("respond", "响应"),
    "arrive": Text("arrive", "到场"),
    "restore": Text("restore", "修复"),
}

PRIORITIES: Mapping[str, Text] = {
    "emergency": Text("emergency", "紧急"),
    "high": Text("high", "高"),
    "normal": Text("normal", "普通"),
    "low": Text("low", "低"),
}

GATES: Mapping[str, Text] = {
    "remote_diagnosis": Text("the remote diagnosis", "远程诊断"),
    "quote": Text("the quote", "报价确认"),
    "parts": Text("the delivery of parts", "备件到货"),
    "pause": Text("the end of the pause", "暂停恢复"),
}

STOPS: Mapping[str, Text] = {
    "visit": Text("visit", "任务"),
    "pickup": Text("pickup", "取件"),
    "break": Text("break", "休息"),
    "absence": Text("absence", "缺勤"),
}

_MAKERS: Mapping[str, Text] = {
    "search": Text("search", "搜索"),
    "manual": Text("manual dispatcher", "人工派工"),
}


def gap(cost_fen: int, bound_fen: int, lang: Language) -> str:
    """How far a plan can be from the cheapest one, which costs ``bound_fen`` at least."""
    if bound_fen >= cost_fen:
        return lang.pick("proved optimal", "已证明最优")
    share = -(-1000 * (cost_fen - bound_fen) // cost_fen) / 10  # rounded up: it says "at most"
    return lang.pick(
        f"at most {share:.1f} % of the cost could be saved", f"成本最多还能降低 {share:.1f} %"
    )


def maker(made_by: str, lang: Language) -> str:
    """Who made a plan; a person's name stands for itself."""
    known = _MAKERS.get(made_by)
    return known.say(lang) if known else made_by


def rule(code: str, lang: Language) -> str:
    """A rule code, or another reason to stay out, in words; one without stands for itself."""
    if code in LEFT_OUT_TEXTS:
        return LEFT_OUT_TEXTS[code].say(lang)
    known = RULE_TEXTS.get(code)
    return known.text.say(lang) if known else code


def price_item(item: str, lang: Language) -> str:
    known = PRICE_ITEMS.get(item)
    return known.say(lang) if known else item


def amount(code: str, value: int, lang: Language) -> str:
    """By how much a rule is broken; empty where the rule has nothing to measure."""
    known = RULE_TEXTS.get(code)
    if known is None or known.unit is Unit.NOTHING or value == 0:
        return ""
    if known.unit is Unit.SECONDS:
        no_time = code in _FLAG_OR_SECONDS and value == 1
        return "" if no_time else duration(value, lang)
    if known.unit is Unit.FEN:
        return lang.pick(f"{yuan(value)} yuan", f"{yuan(value)} 元")
    return _in_units(known.unit, value, lang)


def _in_units(unit: Unit, value: int, lang: Language) -> str:
    english, chinese = {
        Unit.SKILLS: ("skill", "项技能"),
        Unit.LEVELS: ("level", "级"),
        Unit.DAYS: ("day", "天"),
        Unit.UNITS: ("unit", "件"),
        Unit.TOOLS: ("tool", "件工具"),
        Unit.PEOPLE: ("technician", "人"),
        Unit.VISITS: ("visit", "个任务"),
        Unit.NIGHTS: ("night", "晚"),
    }[unit]
    return counted(value, english, chinese, lang)


def obstacle(code: str, technicians: int, lang: Language) -> str:
    """For how many technicians a rule is in the way: ``skill level too low ×12``."""
    return f"{rule(code, lang)} ×{technicians}"


def duration(seconds: int, lang: Language) -> str:
    """``3 h 20 min``; under a minute in seconds. Rounded down to whole minutes."""
    sign = "−" if seconds < 0 else ""
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if not hours and not minutes:
        return f"{sign}{lang.pick(f'{rest} s', f'{rest}秒')}"
    parts = [lang.pick(f"{hours} h", f"{hours}小时")] if hours else []
    if minutes:
        parts.append(lang.pick(f"{minutes} min", f"{minutes}分"))
    return sign + lang.pick(" ", "").join(parts)


def compact(seconds: int, lang: Language) -> str:
    """``3h20``, ``45min``, ``30s``: a duration where room is short."""
    sign = "−" if seconds < 0 else ""
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return sign + lang.pick(f"{hours}h{minutes:02d}", f"{hours}时{minutes:02d}分")
    if minutes:
        return sign + lang.pick(f"{minutes}min", f"{minutes}分")
    return sign + lang.pick(f"{rest}s", f"{rest}秒")


def margin(seconds: int, lang: Language) -> str:
    """Time left on a clock (``+3h20``) or how late it is (``−25min``)."""
    return compact(seconds, lang) if seconds < 0 else f"+{compact(seconds, lang)}"


def counted(number: int, english: str, chinese: str, lang: Language) -> str:
    """``1 visit``, ``2 visits``; ``chinese`` has its measure word."""
    return lang.pick(f"{number:,} {english}{'' if number == 1 else 's'}", f"{number:,} {chinese}")


def clock_state(margin_s: int | None, lang: Language) -> str:
    """``on time``, ``late`` or, for a visit that is not planned (None), ``open``."""
    if margin_s is None:
        return lang.pick("open", "未排")
    return lang.pick("late", "超时") if margin_s < 0 else lang.pick("on time", "按时")


def yuan(fen: int) -> str:
    """``1,234.50``, exact."""
    sign = "−" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}"


def kilometres(metres: int) -> str:
    return f"{metres / 1000:,.1f}"


def hours(seconds: int) -> str:
    return f"{seconds / 3600:,.1f}"


_WEEKDAYS = (
    Text("Mon", "周一"),
    Text("Tue", "周二"),
    Text("Wed", "周三"),
    Text("Thu", "周四"),
    Text("Fri", "周五"),
    Text("Sat", "周六"),
    Text("Sun", "周日"),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(of: date, lang: Language) -> str:
    """``Tue 29 Sep``. Not by the system's locale, so that output is the same everywhere."""
    weekday = _WEEKDAYS[of.weekday()].say(lang)
    return lang.pick(
        f"{weekday} {of.day} {_MONTHS[of.month - 1]}", f"{of.month}月{of.day}日 {weekday}"
    )


def time_of_day(at: datetime, zone: tzinfo, since: date | None = None) -> str:
    """``08:31`` in local time, with ``+1`` if that is on the day after ``since``."""
    local = at.astimezone(zone)
    days = (local.date() - since).days if since else 0
    return f"{local:%H:%M}{f'{days:+d}' if days else ''}"


def day_and_time(at: datetime, zone: tzinfo, lang: Language) -> str:
    local = at.astimezone(zone)
    return f"{day(local.date(), lang)} {local:%H:%M}"
