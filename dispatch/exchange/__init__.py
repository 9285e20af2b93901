"""Data in and out: tables (CSV, Excel), documents (JSON), and plans for other programs."""

from dispatch.exchange.errors import DataError, DataErrors
from dispatch.exchange.reading import load_organisation
from dispatch.exchange.workbook import write_template, write_workbook
from dispatch.exchange.writing import write_folder

__all__ = [
    "DataError",
    "DataErrors",
    "load_organisation",
    "write_folder",
    "write_template",
    "write_workbook",
]
