"""The published plan as one process keeps it ready to be asked, and changed, in milliseconds.

Loading it takes seconds, so it is done beside the answers. Between two loadings the audit trail
tells what became different: what others assigned is done here too, and new work orders are taken in
when somebody asks about them. Of technicians and work orders of whom something was recorded it is
not known what holds: their routes stay as they are until the plan is loaded anew.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import chain, groupby

from sqlalchemy.orm import Session

from dispatch.commands.hand_records import ASSIGN_NOW
from dispatch.commands.live_records import Amendment, Exchange, amendment_of, newcomers
from dispatch.commands.slots import list_held
from dispatch.commands.versions import PUBLISHED, load_version, named_version
from dispatch.domain.errors import DispatchError
from dispatch.domain.plan import Plan
from dispatch.domain.work import Commitment
from dispatch.freezing import freeze, released
from dispatch.kept_plan import KeptPlan
from dispatch.rehearsal import moment
from dispatch.store import queries_amending
from dispatch.store.database import Database
from dispatch.store.queries_changes import ChangeLine, Mark, changes_since, mark_now
from solver.insertion import Insertion, Place

AHEAD = timedelta(minutes=5)
"""Nothing is put sooner than this: people have to be told. So long a loaded plan is good."""
_RENEWED = timedelta(minutes=3)
"""It is loaded anew when it is good for less than this."""
SPARE = 2_048
"""Room for so many new visits; when half of it is used the plan is loaded anew beside."""
_REST = 2
"""Loading beside the answers, for new facts, rests so many times as long as it took."""

_HARMLESS = frozenset(
    {
        "make key",
        "revoke key",
        "plan.save",
        "settle event",
        "refuse event",
        "take ticket",  # taken in when somebody asks about it
        "stock.reserve_for_plan",  # what the plan picks up is known from the plan
        "run.ask",  # a draft changes nothing that people were told
        "run.cancel",
        "add endpoint",
        "change endpoint",
        "rotate secret",
        "remove endpoint",
        "replay delivery",
    }
)
_OF_WORK_ORDERS = frozenset(
    {"record", "withdraw event", "open emergency", "change work order", "contain"}
)
_OF_TECHNICIANS = frozenset(
    {"add absence", "change absence", "remove absence", "change technician"}
)


class Standing:
    """The published plan of one moment. Not to be used by two threads at once.

    Nothing is put before ``from_at``. ``amended`` counts what was assigned at once in it.
    ``outdated``: it has to be loaded anew before anything is assigned. ``unsure``: something is not
    known for sure, and left alone. ``doubtful`` are work orders that became different.
    """

    def __init__(self, session: Session, at: datetime) -> None:
        """Raises UnknownVersionError if nothing is published."""
        self.mark: Mark = mark_now(session)
        self.version = named_version(session, PUBLISHED)
        version = load_version(session, self.version, to_change=True, at=at)
        snapshot, plan = version.judged.snapshot, version.judged.plan
        self.from_at = max(at + AHEAD, snapshot.now_at)
        if self.from_at > snapshot.now_at:
            snapshot = freeze(snapshot, plan, version.travel, self.from_at)
        self.begun = version.begun
        self.held = list_held(session, at)
        self.kept_plan = KeptPlan(snapshot, version.travel, plan, SPARE)
        self.kept_plan.times()  # so that nobody waits for all of them
        # Of visits that are not in it, it is not known.
        self._told: dict[str, Commitment | None] = {v.id: None for v in snapshot.visits}
        self._told |= snapshot.commitment
        self.outdated = False
        self.doubtful: set[str] = set()
        self.unsure = False
        self.new_visits = 0

    def follow(self, session: Session) -> None:
        """Do what others did meanwhile, as far as that is known without loading anew."""
        found, self.mark = changes_since(session, self.mark)
        telling = (line for line in found if line.command not in _HARMLESS)
        for assigned, lines in groupby(telling, lambda line: line.command == ASSIGN_NOW):
            if assigned:
                self._repeat_all(session, [amendment_of(line.after) for line in lines])
            else:
                for line in lines:
                    self._follow(line)

    def is_known(self, session: Session, work_order_id: str) -> bool:
        """Whether a work order is in it, as it is now; one that came in meanwhile is taken in."""
        self.take_in(session, (work_order_id,))
        is_in = work_order_id in self.kept_plan.snapshot.work_order
        return is_in and work_order_id not in self.doubtful

    def take_in(self, session: Session, work_order_ids: Iterable[str]) -> None:
        """Take in those work orders that came in meanwhile, as far as that is possible."""
        known, doubtful = self.kept_plan.snapshot.work_order, self.doubtful
        wanted = [i for i in dict.fromkeys(work_order_ids) if i not in known and i not in doubtful]
        sites = self.kept_plan.snapshot.site
        came = [one for one in newcomers(session, wanted) if one.order.site_id in sites]
        if not came:
            return
        visits = [released(visit, self.from_at) for one in came for visit in one.visits]
        links = [link for one in came for link in one.links]
        self.kept_plan.take_in([one.order for one in came], visits, links=links, reasons=False)
        self.new_visits += len(visits)
        self.told(session, {visit.id for visit in visits})

    def told(self, session: Session, visit_ids: Set[str]) -> tuple[Commitment, ...]:
        """What people were told of visits, and will be of what was put in the plan since."""
        unknown = {visit_id for visit_id in visit_ids if visit_id not in self._told}
        if unknown:
            found = {c.visit_id: c for c in queries_amending.commitments(session, unknown)}
            self._told |= {visit_id: found.get(visit_id) for visit_id in unknown}
        told = (self._told[visit_id] for visit_id in visit_ids)
        return tuple(one for one in told if one is not None)

    def tell(self, told: Mapping[str, Commitment | None]) -> None:
        """People are going to be told this of visits; None: nothing any more."""
        self._told |= told

    def go_back(self, plan: Plan) -> None:
        """Put the plan back as it was: what was put in it since comes to nothing."""
        if self.kept_plan.plan is not plan:
            self.kept_plan.go_back(plan)
            self._told.clear()

    def close(self, technician_ids: Set[str]) -> None:
        """Leave the routes of technicians alone until the plan is loaded anew."""
        self.kept_plan.close(technician_ids)
        self.unsure = True

    def wants_renewal(self, at: datetime) -> bool:
        is_full = self.new_visits > SPARE // 2
        is_old = at > self.from_at - AHEAD + _RENEWED
        return self.outdated or self.unsure or is_full or is_old

    def _repeat_all(self, session: Session, amendments: Sequence[Amendment]) -> None:
        exchanges = [made.exchange for made in amendments if made.version == self.version]
        self.take_in(session, (i for made in exchanges if made for i in made.work_orders))
        if len(exchanges) < len(amendments) or not all(
            self._repeat(session, exchange) for exchange in exchanges
        ):
            self.outdated = True

    def _follow(self, line: ChangeLine) -> None:
        if line.command in _OF_WORK_ORDERS:
            self._doubt(line.subject_id)
        elif line.command in _OF_TECHNICIANS:
            self.close({line.subject_id})
        else:
            self.outdated = True

    def _doubt(self, work_order_id: str) -> None:
        """Something was recorded of a work order: whoever does its visits stays as he is."""
        kept_plan = self.kept_plan
        if work_order_id not in kept_plan.snapshot.work_order:
            return
        self.doubtful.add(work_order_id)
        own = {v.id for v in kept_plan.snapshot.visits if v.work_order_id == work_order_id}
        for visit_id in own:
            self._told.pop(visit_id, None)
        near = own | {tied for visit_id in own for tied in kept_plan.tied_to(visit_id)}
        self.doubtful |= {kept_plan.snapshot.visit[v].work_order_id for v in near}
        self.close({t for v in near for t in kept_plan.servers.get(v, ())})

    def _repeat(self, session: Session, exchange: Exchange | None) -> bool:
        """Whether the plan is now what another process made of it."""
        if exchange is None:
            return False
        if not all(self.is_known(session, order_id) for order_id in exchange.work_orders):
            return False
        numbering, kept = self.kept_plan.numbering, self.kept_plan.kept
        numbers = numbering.visit_number
        if not numbers.keys() >= {*exchange.out, *(p.visit_id for p in exchange.places)}:
            return False
        places = []
        for place in exchange.places:
            visit = numbers[place.visit_id]
            candidate = kept.candidate_in(visit, numbering.shift_number[place.shift_id])
            if candidate is None:
                return False
            places.append(Place(visit, candidate, place.position))
        out = tuple(numbers[v] for v in exchange.out)
        self.kept_plan.apply(Insertion(0, tuple(places), out))
        for visit_id in chain(exchange.out, *exchange.routes.values()):
            self._told.pop(visit_id, None)
        routes = {r.shift_id: r for r in self.kept_plan.plan.routes}
        return all(
            tuple(s.visit_id for s in routes[shift_id].stops if s.visit_id is not None) == visits
            if shift_id in routes
            else not visits
            for shift_id, visits in exchange.routes.items()
        )


class LivePlan:
    """The published plan of a database for all threads of one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._standing: Standing | None = None
        self._rests_until = 0.0

    @contextmanager
    def asked(self) -> Iterator[tuple[Standing, Session]]:
        """The plan to be asked, by all that is known without waiting, and a session that reads.

        Raises UnknownVersionError if nothing is published.
        """
        first = self._standing or self.renew()
        with self._lock, self._database.reading() as session:
            standing = self._standing or first
            standing.follow(session)
            if standing.wants_renewal(moment(session)):
                self._renew_beside(at_once=standing.outdated)
            yield standing, session

    @contextmanager
    def changed(self) -> Iterator["Turn"]:
        """The plan for somebody who is about to change it: nobody else of this process does
        meanwhile. Take it before the transaction that writes."""
        with self._lock:
            turn = Turn(self._standing)
            try:
                yield turn
            except BaseException:
                self._standing = turn.undone()
                raise
            self._standing = turn.done()

    def _renew_beside(self, *, at_once: bool) -> None:
        is_due = at_once or time.monotonic() >= self._rests_until
        if is_due and not self._loading.locked():
            threading.Thread(target=self._try_to_renew, daemon=True).start()

    def _try_to_renew(self) -> None:
        """What goes wrong is told to whoever has to wait for the plan."""
        with suppress(DispatchError):
            self.renew()

    def renew(self) -> Standing:
        """Load the plan as it is now, unless somebody else does."""
        before = self._standing
        with self._loading:
            if self._standing is not before and self._standing is not None:
                return self._standing  # somebody else did it meanwhile
            began = time.monotonic()
            with self._database.reading() as session:
                standing = Standing(session, moment(session))
            self._rests_until = time.monotonic() + _REST * (time.monotonic() - began)
            with self._lock:
                self._standing = standing
            return standing


class Turn:
    """One command's turn to change the plan."""

    def __init__(self, standing: Standing | None) -> None:
        self.standing = standing
        self._before = standing.kept_plan.plan if standing is not None else None
        self._lines: list[int] = []

    def current(self, session: Session, at: datetime, *, waits: bool) -> Standing | None:
        """The plan by all facts there are; None if it has to be loaded anew, unless the command
        ``waits`` for that. Nobody else may be able to change plans meanwhile (``lock_plans``).

        Raises UnknownVersionError if nothing is published.
        """
        standing = self.undone()
        if standing is not None:
            standing.follow(session)
            self._before = standing.kept_plan.plan
            if not standing.outdated and at <= standing.from_at:
                return standing
        return self.loaded(session, at) if waits else None

    def loaded(self, session: Session, at: datetime) -> Standing:
        """The plan, loaded in the command's own transaction."""
        self.standing = Standing(session, at)
        self._before = self.standing.kept_plan.plan
        return self.standing

    def wrote(self, line_id: int) -> None:
        """The command wrote a line of the audit trail that is in the plan already."""
        self._lines.append(line_id)

    def back_to(self, plan: Plan, lines: int) -> None:
        """Put back what a part of the command did that was rolled back: the plan as it was, when
        there were so many ``lines``."""
        del self._lines[lines:]
        if self.standing is not None:
            self.standing.go_back(plan)

    @property
    def lines(self) -> int:
        return len(self._lines)

    def done(self) -> Standing | None:
        """The plan, when the command is committed."""
        if self.standing is not None:
            for line_id in self._lines:
                self.standing.mark = self.standing.mark.beside(line_id)
        return self.standing

    def undone(self) -> Standing | None:
        """The plan as it is when the command came to nothing."""
        self._lines.clear()
        if self.standing is None or self._before is None:
            return None
        self.standing.go_back(self._before)
        return self.standing
