"""One study, carried out by a process of its own, which may be killed at any moment.

Every planned run is in the database as soon as it is there, so whoever takes the study up again
goes on from there.
"""

import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from io import BytesIO

from pydantic import TypeAdapter

from dispatch.commands.runs_held import Held
from dispatch.commands.studies import begin, finish_study, keep_found, keep_outcome
from dispatch.domain.snapshot import Snapshot
from dispatch.solving import Pulse, under_pulse
from dispatch.store import queries_studies
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.texts import Language
from scenarios.executing import Done, processes
from scenarios.inquiries import Answer, inquiry_of
from scenarios.outcome import Outcome
from scenarios.report_files import page_of, workbook_of
from scenarios.run import jobs_of
from scenarios.scenario import Scenario
from scenarios.study import Carried, Laboratory
from scenarios.study_form import STUDY
from scenarios.study_told import TOLD

FACTS: TypeAdapter[Snapshot] = TypeAdapter(Snapshot)
_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)
_LOOK_S = 2.0
_LOOK_SHARE = 0.05
"""The part of its time that a study spends on comparing what there is so far."""


def carry_out(url: str, held: Held, lease_s: float, *, count: int) -> None:
    """What the process does: plans every scenario with every seed, in ``count`` processes."""
    under_pulse(url, held, lease_s, partial(_study, count=count))


def _study(database: Database, held: Held, pulse: Pulse, *, count: int) -> None:
    with database.reading() as session:
        asked, facts = begin(session, held)
    inquiry = inquiry_of(STUDY.validate_json(asked), FACTS.validate_json(facts))
    scenarios = inquiry.scenarios
    keys = tuple({job.seed: job.key for job in jobs_of(one)} for one in scenarios)
    results = KeptOutcomes(database, held, (key for own in keys for key in own.values()))

    def so_far() -> Answer | None:
        return inquiry.so_far(_carried(scenarios, keys, results.known))

    look = _Look(database, held, pulse, so_far)
    with processes(count) as workers:
        answer = inquiry.answer(Laboratory(results, workers, look.report, pulse.must_stop))
    found = TOLD.dump_json(answer.told).decode() if answer else None
    reports = _reports(answer) if answer else {}
    in_writing(database, lambda s: finish_study(s, held, found, reports, datetime.now(UTC)))


class KeptOutcomes:
    """The outcomes of a study's runs, in the database."""

    def __init__(self, database: Database, held: Held, keys: Iterable[str]) -> None:
        self._database = database
        self._held = held
        with database.reading() as session:
            kept = queries_studies.outcomes(session, held.run_id, tuple(keys))
        self._known = {one.key: one for one in map(_OUTCOME.validate_json, kept)}

    @property
    def known(self) -> Mapping[str, Outcome]:
        return self._known

    def add(self, outcome: Outcome) -> None:
        """Keeps an outcome, in the database too when this returns. Raises StoreError."""
        text = _OUTCOME.dump_json(outcome).decode()
        in_writing(self._database, lambda s: keep_outcome(s, self._held, outcome.key, text))
        self._known[outcome.key] = outcome


class _Look:
    """Tells how far a study is, and now and then what it has come to."""

    def __init__(
        self, database: Database, held: Held, pulse: Pulse, so_far: Callable[[], Answer | None]
    ) -> None:
        self._database = database
        self._held = held
        self._pulse = pulse
        self._so_far = so_far
        self._next = 0.0
        self._last = Done(0, 0, 0)
        self._before = Done(0, 0, 0)

    def report(self, done: Done) -> None:
        self._pulse.show(asdict(self._in_all(done)))
        began = time.monotonic()
        if began < self._next:
            return
        answer = self._so_far()
        if answer is not None:
            found = TOLD.dump_json(answer.told).decode()
            in_writing(self._database, lambda s: keep_found(s, self._held, found))
        ended = time.monotonic()
        self._next = ended + max(_LOOK_S, (ended - began) / _LOOK_SHARE)

    def _in_all(self, done: Done) -> Done:
        """With the rounds before: some studies know only then what to plan next."""
        if self._last.done == self._last.total != 0 and done.done == done.known:
            self._before = _sum(self._before, self._last)
        self._last = done
        return _sum(self._before, done)


def _sum(before: Done, done: Done) -> Done:
    return Done(
        before.done + done.done,
        before.total + done.total,
        before.known + done.known,
        done.is_compiling,
    )


def _carried(
    scenarios: Sequence[Scenario],
    keys: Sequence[Mapping[int, str]],
    known: Mapping[str, Outcome],
) -> tuple[Carried, ...]:
    """The scenarios with the outcomes that there are so far."""
    return tuple(
        Carried(scenario, {seed: known[key] for seed, key in own.items() if key in known})
        for scenario, own in zip(scenarios, keys, strict=True)
    )


def _reports(answer: Answer) -> dict[str, str]:
    """The report as a page and as a workbook (base64), in each language."""
    files = {}
    for lang in Language:
        report = answer.report(lang)
        files[f"{lang}.html"] = page_of(report, lang)
        book = BytesIO()
        workbook_of(report).save(book)
        files[f"{lang}.xlsx"] = b64encode(book.getvalue()).decode()
    return files
