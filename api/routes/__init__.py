"""The routes, by what they are about. To add some: a module with a ``ROUTER``, and its line here.

A route is declared with ``api.declaring.route``, takes ``Reading`` or ``Writing`` of
``api.answering``, and gives the work to a query or a command.
"""

from api.routes import (
    assignments,
    figures,
    me,
    places,
    plan_changes,
    plans,
    reports,
    running,
    runs,
    slots,
    stock,
    technicians,
    terms,
    trials,
    webhooks,
    work_orders,
)

ROUTERS = (
    running.ROUTER,
    me.ROUTER,
    work_orders.ROUTER,
    assignments.ROUTER,
    slots.ROUTER,
    trials.ROUTER,
    technicians.ROUTER,
    stock.ROUTER,
    runs.ROUTER,
    plans.ROUTER,
    plan_changes.ROUTER,
    reports.ROUTER,
    figures.ROUTER,
    places.ROUTER,
    terms.ROUTER,
    webhooks.ROUTER,
)
