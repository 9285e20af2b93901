"""What must hold between the rows and tables of an organisation."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from dispatch.domain.policy import POLICIES
from dispatch.exchange.errors import Findings
from dispatch.exchange.parsing import Row, Rows
from dispatch.exchange.table import Column
from dispatch.exchange.tables_terms import OF_RULE
from dispatch.texts import Text

Tables = Mapping[str, Rows]

_CHINA_LATITUDE = (18.0, 54.0)
_CHINA_LONGITUDE = (73.0, 136.0)


def check(tables: Tables, findings: Findings) -> None:
    """Reports every contradiction; cells that could not be read are passed over."""
    ids = {name: {row.get("id") for row in rows.rows} for name, rows in tables.items()}
    for rows in tables.values():
        _check_keys(rows)
        for column in rows.table.columns:
            if column.refers_to and all(tables[name].known for name in column.refers_to):
                _check_references(rows, column, ids, findings)
    for name in ("stations", "sites"):
        _check_points(tables[name])
    for name, start, end in _INTERVALS:
        _check_order(tables[name], start, end)
    for name, parent in (("absences", "technician"), ("visit_windows", "visit")):
        _check_overlaps(tables[name], parent)
    for check_table in _CHECKS:
        check_table(tables)


_INTERVALS = (
    ("absences", "from", "to"),
    ("visit_windows", "from", "to"),
    ("gates", "opened_at", "passed_at"),
    ("gates", "opened_at", "expected_at"),
    ("work_orders", "reported_at", "responded_at"),
    ("work_orders", "reported_at", "arrived_at"),
    ("work_orders", "reported_at", "restored_at"),
    ("links", "min_lag_min", "max_lag_min"),
)


def _check_keys(rows: Rows) -> None:
    """The key columns together differ in every row."""
    key = rows.table.key
    needed = [c.name for c in rows.table.columns if c.name in key and c.required]
    seen: dict[tuple[Any, ...], int] = {}
    for row in rows.rows if key else ():
        if all(name in row.values for name in needed):
            values = tuple(row.get(name) for name in key)
            first = seen.setdefault(values, row.number)
            if first != row.number:
                message = Text(
                    f"it is already in row {first}; it may be there only once",
                    f"与第 {first} 行重复；只能出现一次",
                )
                rows.report(row, message, *(name for name in key if rows.text(row, name)))


def _check_references(
    rows: Rows, column: Column, ids: Mapping[str, set[Any]], findings: Findings
) -> None:
    known = set().union(*(ids[table] for table in column.refers_to)) - {None}
    tables = " / ".join(column.refers_to)
    for row in rows.rows:
        value = row.get(column.name)
        for name in () if value is None else column.kind.names(value):
            if name not in known:
                close = findings.did_you_mean(name, known)
                message = Text(
                    f"there is no such id in {tables}.{close.en}",
                    f"表 {tables} 中没有该编号。{close.zh}",
                )
                rows.report(row, message, column.name, value=name)


def _check_points(rows: Rows) -> None:
    """Points that only make sense the other way round."""
    for row in rows.rows:
        # The text is asked for: a latitude beyond 90 is no value, but still looks swapped.
        try:
            latitude, longitude = (float(rows.text(row, n)) for n in ("latitude", "longitude"))
        except ValueError:
            continue
        if _in_china(longitude, latitude) and not _in_china(latitude, longitude):
            message = Text("latitude and longitude look swapped", "经度和纬度似乎填反了")
            rows.report(row, message, "latitude", "longitude")


def _in_china(latitude: float, longitude: float) -> bool:
    return (
        _CHINA_LATITUDE[0] <= latitude <= _CHINA_LATITUDE[1]
        and _CHINA_LONGITUDE[0] <= longitude <= _CHINA_LONGITUDE[1]
    )


def _check_order(rows: Rows, start: str, end: str) -> None:
    for row in rows.rows:
        first, last = row.get(start), row.get(end)
        if first is None or last is None:
            continue
        # Only an absence has no length when both are equal.
        if last < first or (last == first and rows.table.name == "absences"):
            word = rows.headings.get(start, start)
            message = Text(
                f"it must be after {word} ({rows.text(row, start)})",
                f"必须晚于“{word}”（{rows.text(row, start)}）",
            )
            rows.report(row, message, end)


def _check_overlaps(rows: Rows, parent: str) -> None:
    groups: dict[str, list[Row]] = {}
    for row in rows.rows:
        if {parent, "from", "to"} <= row.values.keys():
            groups.setdefault(row.values[parent], []).append(row)
    for group in groups.values():
        group.sort(key=lambda row: (row.values["from"], row.values["to"]))
        for before, row in pairwise(group):
            if row.values["from"] < before.values["to"]:
                message = Text(
                    f"it overlaps row {before.number} of the same {parent}",
                    f"与第 {before.number} 行（同一{rows.table.columns[0].chinese}）重叠",
                )
                rows.report(row, message, "from")


def _check_place_ids(tables: Tables) -> None:
    stations = {row.get("id") for row in tables["stations"].rows} - {None}
    for row in tables["sites"].rows:
        if row.get("id") in stations:
            message = Text(
                "a station has this id; ids of sites and stations must differ",
                "该编号已用于服务站；站点与服务站的编号不得相同",
            )
            tables["sites"].report(row, message, "id")


def _check_default_policy(tables: Tables) -> None:
    rows = tables["organisation"]
    known = [*POLICIES, *(row.values["name"] for row in tables["policies"].rows if row.get("name"))]
    for row in rows.rows:
        if row.get("default_policy") not in (None, *known):
            close = rows.findings.did_you_mean(row.values["default_policy"], known)
            message = Text(
                f"there is no such policy.{close.en} Known: {', '.join(known)}",
                f"没有该策略。{close.zh}可用的策略：{'、'.join(known)}",
            )
            rows.report(row, message, "default_policy")


def _check_substitutes(tables: Tables) -> None:
    for row in tables["parts"].rows:
        if row.get("id") in (row.get("substitutes") or ()):
            message = Text("a part cannot replace itself", "备件不能替代它自己")
            tables["parts"].report(row, message, "substitutes")


def _check_exclusions(tables: Tables) -> None:
    rows = tables["exclusions"]
    for row in rows.rows:
        if bool(rows.text(row, "customer")) == bool(rows.text(row, "site")):
            message = Text("give a customer or a site, one of them", "客户和站点须且只能填写一个")
            rows.report(row, message, "customer", "site")


def _check_sla_rules(tables: Tables) -> None:
    rows = tables["sla_rules"]
    first: dict[str, Row] = {}
    for row in rows.rows:
        _check_clock(rows, row)
        start = first.setdefault(row.get("rule"), row)
        for column in OF_RULE:
            if rows.text(row, column.name) and row.get(column.name) != start.get(column.name):
                message = Text(
                    f"all rows of a rule say the same; row {start.number} has"
                    f" {rows.text(start, column.name)!r}",
                    f"同一规则各行的内容必须相同；第 {start.number} 行为"
                    f" {rows.text(start, column.name)!r}",
                )
                rows.report(row, message, column.name)


def _check_clock(rows: Rows, row: Row) -> None:
    """A clock has hours and a calendar; a rule without clocks has neither."""
    for name in ("hours", "calendar"):
        if rows.text(row, "clock") and not rows.text(row, name):
            message = Text("a clock needs it", "有时钟时必须填写")
            rows.report(row, message, name)
        elif rows.text(row, name) and not rows.text(row, "clock"):
            message = Text("it belongs to a clock, which is blank", "未填写时钟时不应填写")
            rows.report(row, message, name)


def _check_links(tables: Tables) -> None:
    for row in tables["links"].rows:
        if row.get("first_visit") is not None and row.get("first_visit") == row.get("then_visit"):
            message = Text("a visit cannot depend on itself", "任务不能依赖它自己")
            tables["links"].report(row, message, "then_visit")


def _check_pins(tables: Tables) -> None:
    rows = tables["pins"]
    for row in rows.rows:
        if not any(rows.text(row, name) for name in ("technician", "start_at", "after_visit")):
            message = Text(
                "a pin needs a technician, a start or the visit before it",
                "锁定须填写技术员、开始时间或紧接的任务",
            )
            rows.report(row, message, "visit")
        if rows.text(row, "other_technicians") and not rows.text(row, "technician"):
            message = Text("name one of the crew as technician first", "须先在技术员栏填写其中一人")
            rows.report(row, message, "technician")
        if row.get("visit") is not None and row.get("visit") == row.get("after_visit"):
            message = Text("a visit cannot come after itself", "任务不能紧接它自己")
            rows.report(row, message, "after_visit")


def _check_speed_bands(tables: Tables) -> None:
    rows = tables["speed_bands"]
    reached = 0
    for row in rows.rows:
        last = row is rows.rows[-1]
        if last != (not rows.text(row, "up_to_km")):
            message = (
                Text("the last band has no end; leave it blank", "最后一段没有上限，请留空")
                if last
                else Text("only the last band may be blank", "只有最后一段可以留空")
            )
            rows.report(row, message, "up_to_km")
        up_to = row.get("up_to_km")
        if up_to is not None and up_to <= reached:
            message = Text("bands must grow from row to row", "各段上限必须逐行增大")
            rows.report(row, message, "up_to_km")
        reached = max(reached, up_to or 0)


def _check_travel(tables: Tables) -> None:
    """Every pair of stations and sites is there, once there is a row at all."""
    rows = tables["travel"]
    given = {(row.get("from"), row.get("to")) for row in rows.rows}
    places = [row.get("id") for name in ("stations", "sites") for row in tables[name].rows]
    for start in places if given else ():
        missing = [end for end in places if end != start and (start, end) not in given]
        if missing and start is not None:
            rows.findings.add(
                rows.file,
                Text(
                    f"{len(missing)} rows from here are missing, the first is to {missing[0]}",
                    f"缺少从这里出发的 {len(missing)} 行，第一个终点是 {missing[0]}",
                ),
                column=rows.headings.get("from"),
                value=start,
            )


_CHECKS: tuple[Callable[[Tables], None], ...] = (
    _check_place_ids,
    _check_default_policy,
    _check_substitutes,
    _check_exclusions,
    _check_sla_rules,
    _check_links,
    _check_pins,
    _check_speed_bands,
    _check_travel,
)
