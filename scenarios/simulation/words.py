"""What people read of a simulation: what was simulated, what is missing, figures as they are
shown."""

from collections.abc import Iterable, Iterator, Sequence

from dispatch import texts
from dispatch.texts import Language
from scenarios.simulation.measures import Result
from scenarios.simulation.simulate import Setting
from scenarios.simulation.summary import Estimate, Figure

_MINUTE_S = 60
_WHOLE = 100
"""From here on figures are shown without decimals."""
_SMALL = 1
"""Below this they have two: 0.04 technicians ill a day are not none."""


def heading(setting: Setting, lang: Language) -> str:
    """From when on, how long, how many people, which seed."""
    days = texts.counted(setting.days, "day", "天", lang)
    people = texts.counted(len(setting.organisation.technicians), "technician", "名技术员", lang)
    first = texts.day(setting.first, lang)
    return lang.pick(
        f"{days} from {first} {setting.first.year} · {people} · seed {setting.seed}",
        f"自 {setting.first.year}年{first} 起 {days} · {people} · 种子 {setting.seed}",
    )


def dispatching(setting: Setting, lang: Language) -> str:
    """When plans are made, and by which prices."""
    routine = setting.routine
    said = []
    if routine.at_once:
        said.append(lang.pick("new work is planned at once", "来单即派"))
    if routine.every_s:
        minutes = routine.every_s // _MINUTE_S
        every = f"the whole plan is searched anew every {minutes} minutes"
        said.append(lang.pick(every, f"每 {minutes} 分钟重新搜索整个计划"))
    if routine.on_events:
        said.append(lang.pick("emergencies and illness call for a search", "紧急工单和病假即搜索"))
    policy = setting.policy or setting.organisation.default_policy
    ahead = texts.counted(setting.working_days, "working day", "个工作日", lang)
    return lang.pick(
        f"Policy {policy}; plans look {ahead} ahead; {', '.join(said)}.",
        f"策略 {policy}；计划覆盖 {ahead}；{'，'.join(said)}。",
    )


def circumstances(setting: Setting, replications: int, lang: Language) -> Iterator[str]:
    """What does not count, how often it was repeated, how many tickets come, what was assumed."""
    if setting.warm_up:
        yield lang.pick(
            f"The first {setting.warm_up} days are warm-up and do not count.",
            f"前 {setting.warm_up} 天为预热，不计入。",
        )
    if replications > 1:
        yield lang.pick(
            f"{replications} replications, seeds {setting.seed} and up.",
            f"重复 {replications} 次，种子自 {setting.seed} 起。",
        )
    rates = setting.rates
    tickets, remote = f"{rates.tickets_per_day:,.4g}", f"{100 * rates.remote:.0f} %"
    yield lang.pick(
        f"{tickets} tickets a day in the mean; of those that are no planned work, {remote}"
        " are solved remotely.",
        f"日均 {tickets} 张工单；除计划性工作外，{remote}远程解决。",
    )
    for text in rates.assumed:
        yield text.say(lang)


def stopped(results: Sequence[Result], lang: Language) -> str | None:
    """That it was stopped, if so."""
    if all(r.complete for r in results):
        return None
    days = len(results[-1].days)
    return lang.pick(f"Stopped after {days} days.", f"在 {days} 天后停止。")


def without_pattern(results: Sequence[Result], lang: Language) -> str | None:
    """How many work orders no ticket is like, if any."""
    count = results[0].no_patterns
    if not count:
        return None
    return lang.pick(
        f"No ticket is like {count} of the organisation's work orders: nobody could do them, or"
        " their parts are nowhere.",
        f"有 {count} 张派工单未作为样板：无人可做，或备件无处可得。",
    )


def broken_by_plans(results: Sequence[Result], lang: Language) -> str | None:
    """That plans broke rules, if any did."""
    count = sum(len(day.plan_violations) for result in results for day in result.days)
    if not count:
        return None
    rules = texts.counted(count, "rule", "条规则", lang)
    return lang.pick(f"Plans broke {rules}.", f"计划违反了 {rules}。")


def plans_are_legal(lang: Language) -> str:
    return lang.pick("No plan broke a rule.", "没有计划违反规则。")


def nothing_counts(lang: Language) -> str:
    return lang.pick("No day that counts is over.", "没有计入的完整日子。")


def interval_heading(estimates: Iterable[Estimate], runs: int, lang: Language) -> str:
    samples = max(e.samples for e in estimates)
    of = (
        lang.pick(f"{samples} replications", f"{samples} 次重复")
        if runs > 1
        else lang.pick(f"{samples} weeks", f"{samples} 周")
    )
    return lang.pick(f"95 % interval ({of})", f"95 % 区间（{of}）")


def shown(figure: Figure, value: float) -> str:
    if figure.percent:
        return f"{100 * value:.1f} %"
    if value >= _WHOLE or not value:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if value < _SMALL else f"{value:,.1f}"


def ends(figure: Figure, estimate: Estimate) -> str:
    """The interval."""
    if estimate.low is None or estimate.high is None:
        return "–"
    return f"{shown(figure, estimate.low)} … {shown(figure, estimate.high)}"
