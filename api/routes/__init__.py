"""The routes, by what they are about. To add some: a module with a ``ROUTER``, and its line here.

A route is declared with ``api.declaring.route``, takes ``Reading`` or ``Writing`` of
``api.answering``, and gives the work to a query or a command.
"""

from api.routes import (
    assignments,
    board,
    changes,
    figures,
    maps,
    me,
    places,
    plan_changes,
    plans,
    repairs,
    reports,
    running,
    runs,
    search,
    slots,
    stock,
    studies,
    technicians,
    terms,
    trials,
    webhooks,
    words,
    work_orders,
)

ROUTERS = (
    running.ROUTER,
    me.ROUTER,
    maps.ROUTER,
    work_orders.ROUTER,
    assignments.ROUTER,
    slots.ROUTER,
    trials.ROUTER,
    technicians.ROUTER,
    stock.ROUTER,
    runs.ROUTER,
    studies.ROUTER,
    plans.ROUTER,
    board.ROUTER,
    changes.ROUTER,
    plan_changes.ROUTER,
    repairs.ROUTER,
    reports.ROUTER,
    figures.ROUTER,
    places.ROUTER,
    search.ROUTER,
    terms.ROUTER,
    words.ROUTER,
    webhooks.ROUTER,
)
