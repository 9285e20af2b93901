"""Weeks that have gone by, made up."""

from datetime import timedelta

import pytest

from dispatch.domain.life import Life
from dispatch.domain.transitions import OVER
from dispatch.reporting import monthly_report
from dispatch.store import checking, queries_work
from dispatch.store.database import Database
from dispatch.store.rows_work import WorkOrderRow
from scenarios.history import HistoryError, add_history
from tests.api.http.serving import fill, organisation
from tests.databases import Files
from tests.dispatch.commands.records import assert_derived

WEEKS = 1


def _filled(files: Files) -> Database:
    url = files.new()
    fill(url)
    return Database(url)


def _lives(database: Database) -> tuple[Life, ...]:
    with database.reading() as session:
        return tuple(assert_derived(session))


def test_a_history_is_facts_like_any_others_and_the_same_each_time(files: Files) -> None:
    known = organisation()
    stopped: list[object] = []
    one, other = _filled(files), _filled(files)
    try:
        brought = add_history(one, known, WEEKS, seed=1)
        # Stopped after two days, then asked again.
        add_history(
            other, known, WEEKS, 1, lambda day, _: stopped.append(day), lambda: len(stopped) == 2
        )
        assert 0 < len(_lives(other)) < brought
        assert add_history(other, known, WEEKS, seed=1) == brought
        lives = _lives(one)
        assert len(lives) == brought
        assert [life.events for life in _lives(other)] == [life.events for life in lives]
        assert all(life.order in OVER for life in lives)
        assert max(e.happened_at for life in lives for e in life.events) < known.planning_at
        first = min(life.work_order.reported_at for life in lives)
        assert first > known.planning_at - timedelta(weeks=WEEKS, days=1)
        assert checking.check(one) == ()
        with one.reading() as session:
            month = known.planning_at.date().replace(day=1)
            report = monthly_report(session, month, month, known.planning_at)
            open_now = queries_work.event_counts(session, WorkOrderRow.closed_at.is_(None))
        assert report.technicians
        assert sum(row.kept for row in report.attainment) > 0
        assert set(open_now) == {order.id for order in known.work_orders}
    finally:
        one.close()
        other.close()


@pytest.mark.parametrize("weeks", [0, 53])
def test_a_history_of_no_or_too_many_weeks_is_refused(files: Files, weeks: int) -> None:
    database = _filled(files)
    with pytest.raises(HistoryError):
        add_history(database, organisation(), weeks, seed=1)
    database.close()
