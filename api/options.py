"""Arguments and options that several commands share, and the language of their help."""

import os
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dispatch.texts import Language, language_of

DEFAULT_LANGUAGE = language_of(os.environ)


def say(english: str, chinese: str) -> str:
    """Help is made before any option is read, so it speaks the language of the environment."""
    return DEFAULT_LANGUAGE.pick(english, chinese)


class By(StrEnum):
    TECHNICIAN = "technician"
    VISIT = "visit"
    SLA = "sla"
    COVER = "cover"


class Format(StrEnum):
    EXCEL = "excel"
    CSV = "csv"
    ICAL = "ical"
    GEOJSON = "geojson"
    PDF = "pdf"


class Document(StrEnum):
    SNAPSHOT = "snapshot"
    PLAN = "plan"
    API = "api"
    SCENARIO = "scenario"


OrganisationArgument = Annotated[
    str,
    typer.Argument(
        metavar="ORGANISATION",
        show_default=False,
        help=say(
            "A sample (liaoning, guizhou), a folder of CSV files, or an Excel workbook.",
            "示例名（liaoning、guizhou）、CSV 文件夹，或 Excel 工作簿。",
        ),
    ),
]
OptionalOrganisation = Annotated[
    str | None,
    typer.Argument(
        metavar="[ORGANISATION]",
        show_default=False,
        help=say(
            "A sample (liaoning, guizhou), a folder of CSV files, or an Excel workbook; without it "
            "the organisation in the database.",
            "示例名（liaoning、guizhou）、CSV 文件夹，或 Excel 工作簿；不给时为数据库中的组织。",
        ),
    ),
]
PlanArgument = Annotated[
    Path,
    typer.Argument(
        metavar="PLAN",
        show_default=False,
        help=say(
            "A plan file, or a version of the database: published, draft or its number.",
            "计划文件，或数据库中的计划版本：published（已发布）、draft（草案）或版本号。",
        ),
    ),
]
LanguageOption = Annotated[
    Language,
    typer.Option(
        "--lang",
        help=say(
            "Language of the output; by default that of LC_ALL or LANG.",
            "输出语言；默认取自 LC_ALL 或 LANG。",
        ),
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option(
        "--json", help=say("Print JSON for a program to read.", "输出 JSON，供程序读取。")
    ),
]
FromOption = Annotated[
    datetime | None,
    typer.Option(
        "--from",
        formats=["%Y-%m-%d"],
        metavar="DATE",
        show_default=False,
        help=say(
            "First day, such as 2026-09-29; by default the day the data describes.",
            "首日，例如 2026-09-29；默认为数据所描述的那天。",
        ),
    ),
]
TimeOption = Annotated[
    datetime | None,
    typer.Option(
        "--at",
        formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        metavar="TIME",
        show_default=False,
        help=say("A local time, such as 2026-09-29T10:30.", "当地时间，例如 2026-09-29T10:30。"),
    ),
]
NowOption = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        metavar="TIME",
        show_default=False,
        help=say(
            "As of this local time instead of now.",
            "以该当地时间为准，而不是现在。",
        ),
    ),
]
DaysOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=366,
        show_default=False,
        help=say(
            "Number of days; by default as the organisation says.", "天数；默认按组织的设定。"
        ),
    ),
]
PolicyOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        show_default=False,
        help=say(
            "Prices: balanced, sla_first, cost_first, or one of the organisation's own.",
            "价格策略：balanced、sla_first、cost_first，或组织自定的策略。",
        ),
    ),
]
IterationsOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        show_default=False,
        help=say(
            "Search so many steps instead: the same result on every machine.",
            "改为搜索固定步数：在任何机器上结果相同。",
        ),
    ),
]
SeedOption = Annotated[
    int,
    typer.Option(
        min=0,
        help=say(
            "Same seed, same result (with --iterations).",
            "种子相同则结果相同（配合 --iterations）。",
        ),
    ),
]
