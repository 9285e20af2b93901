"""``dispatch simulate``: weeks of operation, replays of them, and rates from the record."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from api.exits import EXIT_INTERRUPTED, EXIT_OK
from api.opened import in_use, instant
from api.progress import Interruption, interruptible
from api.screen import plain, print_json, screen
from api.views.simulate import show_result, show_settings
from api.weeks_progress import WeeksProgress
from dispatch.domain.organisation import Organisation
from dispatch.exchange.documents import write_plan
from dispatch.judged import judged
from dispatch.store import queries_work
from dispatch.store.mapping import load_organisation
from dispatch.store.mapping_life import lives_of
from dispatch.texts import Language
from dispatch.travel import travel_of
from scenarios import organisations
from scenarios.bases import named_organisation
from scenarios.report_files import REPORTS, check_report, write_report
from scenarios.simulation.fitting import fitted
from scenarios.simulation.log import LogFile, replayed
from scenarios.simulation.measures import Result
from scenarios.simulation.planner import Effort
from scenarios.simulation.rates import FILE, Rates, assumed_rates, read_rates, write_rates
from scenarios.simulation.report import simulation_report
from scenarios.simulation.routine import routine_of
from scenarios.simulation.simulate import Setting, Step, simulate
from scenarios.simulation.spells import read_spells
from scenarios.simulation.staffing import staffed
from scenarios.simulation.summary import cost_by_item, estimates

_JSON = ".json"
_WEEK = 7
_WARM_UP_SHARE = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for."""

    organisation: str | None
    weeks: int
    first: date | None
    seed: int
    replications: int
    routine: str
    policy: str | None
    rates: Path | None
    tickets: float | None
    staff: int
    spells: Path | None
    warm_up: int | None
    look_ahead: int
    iterations: int
    cores: int
    log: Path | None
    out: tuple[Path, ...]


def simulate_weeks(asked: Asked, as_json: bool, lang: Language) -> int:
    for path in asked.out:
        check_report(path, (*REPORTS, _JSON))
    setting = _setting(asked)
    console, asides = screen(), screen(errors=True)
    results: list[Result] = []
    with interruptible() as stop, WeeksProgress(asides, lang, asked.replications) as report:
        for number in range(asked.replications):
            if stop():
                break
            seeded = replace(setting, seed=asked.seed + number)
            log = asked.log if number == 0 else None
            results.append(_run(seeded, log, report, stop))
    results = [r for r in results if r.counted]
    facts = _facts(asked, setting, results)
    for path in asked.out:
        if path.suffix.lower() == _JSON:
            _write_json(facts, path)
        else:
            write_report(simulation_report(setting, results, lang), path, lang)
    if as_json:
        print_json(facts)
    else:
        show_settings(console, setting, asked.replications, lang)
        show_result(console, results, ZoneInfo(setting.organisation.time_zone), lang)
        _say_files(console, asked, lang)
    return EXIT_INTERRUPTED if stop.happened else EXIT_OK


def _run(
    setting: Setting, log: Path | None, report: Callable[[Step], None], stop: Interruption
) -> Result:
    with LogFile(log) if log is not None else nullcontext() as file:
        sink = file.write if file is not None else lambda _: None
        return simulate(setting, sink, report, stop)


def _setting(asked: Asked) -> Setting:
    name, organisation = _organisation(asked.organisation)
    rates = _rates(name if asked.organisation else None, organisation, asked.rates)
    if asked.tickets is not None:
        rates = replace(rates, tickets_per_day=asked.tickets)
    days = asked.weeks * _WEEK
    zone = ZoneInfo(organisation.time_zone)
    warm_up = min(_WEEK, days // _WARM_UP_SHARE) if asked.warm_up is None else asked.warm_up
    return Setting(
        organisation=staffed(organisation, asked.staff),
        rates=rates,
        routine=routine_of(asked.routine),
        first=asked.first or organisation.planning_at.astimezone(zone).date(),
        days=days,
        seed=asked.seed,
        warm_up=warm_up,
        working_days=asked.look_ahead,
        policy=asked.policy,
        spells=read_spells(asked.spells) if asked.spells else (),
        effort=Effort(asked.iterations, asked.seed, asked.cores),
    )


def _organisation(name: str | None) -> tuple[str, Organisation]:
    if name is not None:
        return named_organisation(name)
    with in_use() as database, database.reading() as session:
        organisation = load_organisation(session)
    return organisation.id, organisation


def _rates(name: str | None, organisation: Organisation, path: Path | None) -> Rates:
    """Those of a file, or that a sample or folder has; else assumed ones."""
    if path is not None:
        return read_rates(path)
    if name in organisations.names():
        own = organisations.path_of(name) / FILE
        if own.exists():
            return read_rates(own)
    return assumed_rates(organisation)


def _facts(asked: Asked, setting: Setting, results: Sequence[Result]) -> Mapping[str, object]:
    return {
        "organisation": setting.organisation.name,
        "first": setting.first,
        "days": setting.days,
        "warm_up": setting.warm_up,
        "seed": setting.seed,
        "replications": len(results),
        "routine": asked.routine,
        "staff_percent": asked.staff,
        "iterations": asked.iterations,
        "rates": setting.rates,
        "figures": estimates(results) if results else {},
        "cost_fen_per_day": cost_by_item(results),
        "results": results,
    }


def _write_json(facts: Mapping[str, object], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(plain(facts), ensure_ascii=False, indent=1)
    path.write_text(f"{text}\n", encoding="utf-8")


def _say_files(console: Console, asked: Asked, lang: Language) -> None:
    for path in (*asked.out, *filter(None, (asked.log,))):
        console.print(lang.pick(f"Wrote {path}", f"已写出 {path}"), soft_wrap=True)


def replay_log(log: Path, at: datetime | None, out: Path | None, lang: Language) -> int:
    zone = ZoneInfo(replayed(log, None).snapshot.time_zone) if at is not None else None
    document = replayed(log, instant(at, zone) if at is not None and zone is not None else None)
    found = judged(document.snapshot, document.plan, travel_of(document.snapshot))
    path = out or Path(f"{log.stem}.plan.json")
    write_plan(document, path, found.verdict)
    known = f"{document.snapshot.now_at.astimezone(found.zone):%Y-%m-%d %H:%M}"
    console = screen()
    console.print(
        lang.pick(
            f"What was known and told at {known} is in {path}.",
            f"{known} 的已知事实和计划已写入 {path}。",
        ),
        soft_wrap=True,
    )
    hint = f"dispatch show {path} --by technician"
    console.print(lang.pick(f"Look at it: {hint}", f"查看：{hint}"), soft_wrap=True)
    return EXIT_OK


def fit_rates(out: Path, lang: Language) -> int:
    with in_use() as database, database.reading() as session:
        organisation = load_organisation(session)
        pages = queries_work.life_pages(session, queries_work.every_work_order())
        lives = [life for page in pages for life in lives_of(page)]
    cities = {site.id: site.city for site in organisation.sites}
    zone = ZoneInfo(organisation.time_zone)
    rates = fitted(lives, cities, zone, assumed_rates(organisation))
    write_rates(rates, out)
    console = screen()
    for text in rates.assumed:
        console.print(text.say(lang))
    console.print(
        lang.pick(
            f"{rates.tickets_per_day:.1f} tickets a day; the rates are in {out}.",
            f"日均 {rates.tickets_per_day:.1f} 张工单；发生率已写入 {out}。",
        ),
        soft_wrap=True,
    )
    return EXIT_OK
