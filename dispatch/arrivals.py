"""What a ticket brings into the facts of a plan that is kept."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dispatch.domain.errors import DispatchError
from dispatch.domain.places import Customer, Site
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Link, Pin, Visit, WorkOrder
from dispatch.texts import Text


class KeptPlanError(DispatchError):
    """What was asked of a kept plan means nothing there."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """New work orders with their visits; the site of the last one and that one's customer if they
    are new; links of these visits, among themselves or with others, and pins of them."""

    orders: tuple[WorkOrder, ...]
    visits: tuple[Visit, ...]
    site: Site | None
    customer: Customer | None
    links: tuple[Link, ...]
    pins: tuple[Pin, ...]

    def added_to(self, snapshot: Snapshot) -> Snapshot:
        """The facts with it."""
        return replace(
            snapshot,
            customers=(*snapshot.customers, *filter(None, (self.customer,))),
            sites=(*snapshot.sites, *filter(None, (self.site,))),
            work_orders=(*snapshot.work_orders, *self.orders),
            visits=(*snapshot.visits, *self.visits),
            links=(*snapshot.links, *self.links),
            pins=(*snapshot.pins, *self.pins),
        )

    def alone(self, snapshot: Snapshot) -> Snapshot:
        """The facts with no other visits."""
        grown = self.added_to(snapshot)
        return replace(grown, visits=self.visits, links=(), pins=self.pins, published=())

    def check(self, snapshot: Snapshot) -> None:
        """Raises KeptPlanError if something is there already, or names what nobody knows."""
        for what, new_id, is_there in self._new(snapshot):
            if is_there:
                raise KeptPlanError(
                    f"{what.en} {new_id!r} is in the plan's snapshot already.",
                    f"{what.zh} {new_id!r} 已在计划快照中。",
                )
        for what, name, is_known in self._named(snapshot):
            if not is_known:
                raise KeptPlanError(
                    f"Work order {self._names!r} names {what.en} {name!r}, which the plan's"
                    " snapshot does not know. Let it come with the order, or plan with a newer"
                    " snapshot.",
                    f"派工单 {self._names!r} 提到的{what.zh} {name!r} 不在计划快照中。"
                    "请随派工单一并提供，或使用较新的快照。",
                )

    @property
    def _names(self) -> str:
        return ", ".join(order.id for order in self.orders)

    def _new(self, snapshot: Snapshot) -> Iterator[tuple[Text, str, bool]]:
        for order in self.orders:
            yield Text("Work order", "派工单"), order.id, order.id in snapshot.work_order
        for visit in self.visits:
            yield Text("Visit", "任务"), visit.id, visit.id in snapshot.visit
        if self.site is not None:
            is_there = self.site.id in snapshot.site or self.site.id in snapshot.station
            yield Text("Site", "站点"), self.site.id, is_there
        if self.customer is not None:
            yield Text("Customer", "客户"), self.customer.id, self.customer.id in snapshot.customer

    def _named(self, snapshot: Snapshot) -> Iterator[tuple[Text, str, bool]]:
        site = self.site
        for order in self.orders:
            is_known = order.site_id in snapshot.site or _is(site, order.site_id)
            yield Text("site", "站点"), order.site_id, is_known
        if site is not None:
            known = site.customer_id in snapshot.customer or _is(self.customer, site.customer_id)
            yield Text("customer", "客户"), site.customer_id, known
        own = {visit.id for visit in self.visits}
        orders = {order.id for order in self.orders}
        for visit in self.visits:
            order_id = visit.work_order_id
            yield Text("work order", "派工单"), order_id, order_id in orders
            for part in visit.parts:
                yield Text("part", "备件"), part.part_id, part.part_id in snapshot.part
        for link in self.links:
            pair = (link.first_visit_id, link.then_visit_id)
            for visit_id in pair:
                is_known = visit_id in own or visit_id in snapshot.visit
                yield Text("visit", "任务"), visit_id, is_known and bool(own & {*pair})
        for pin in self.pins:
            yield Text("visit", "任务"), pin.visit_id, pin.visit_id in own
            for after in filter(None, (pin.after_visit_id,)):
                yield Text("visit", "任务"), after, after in own or after in snapshot.visit
            for person in filter(None, (pin.technician_id, *pin.other_technician_ids)):
                yield Text("technician", "技术员"), person, person in snapshot.technician


def _is(one: Site | Customer | None, name: str) -> bool:
    return one is not None and one.id == name
