"""Reads an organisation from a folder of CSV files or a workbook."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dispatch.domain.organisation import Organisation
from dispatch.exchange.assembly import organisation_of
from dispatch.exchange.checks import check
from dispatch.exchange.errors import Findings
from dispatch.exchange.parsing import parse
from dispatch.exchange.sheets import read_sheets


def load_organisation(path: Path) -> Organisation:
    """The organisation that a folder of CSV files, or an Excel workbook, describes.

    Raises DataErrors with everything that is wrong; then nothing is taken over.
    """
    findings = Findings()
    with _collector_paused():
        sheets = read_sheets(path, findings)
        if not sheets:
            findings.raise_if_any()
        tables = parse(path, sheets, findings)
        check(tables, findings)
        findings.raise_if_any()
        return organisation_of(tables)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Reading makes a great many objects and no garbage: looking for some takes half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
