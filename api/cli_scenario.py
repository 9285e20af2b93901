"""The part of the command line that asks "what if": ``dispatch scenario``."""

from pathlib import Path
from typing import Annotated

import typer

from api.options import DEFAULT_LANGUAGE, JsonOption, LanguageOption, say
from api.running import run

app = typer.Typer()
scenario = typer.Typer(
    no_args_is_help=True,
    help=say(
        "What if: plan scenarios with several seeds, compare them, say what is more than noise.",
        "假设分析：用多个种子计划各种情景并比较，指出哪些差异超出随机波动。",
    ),
)
app.add_typer(scenario, name="scenario")

_DEFAULT_RESULTS = Path("scenario-results")

_Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        show_default=False,
        help=say("Scenario files (YAML or JSON).", "情景文件（YAML 或 JSON）。"),
    ),
]
_File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        show_default=False,
        help=say("A scenario file (YAML or JSON).", "情景文件（YAML 或 JSON）。"),
    ),
]
_Processes = Annotated[
    int,
    typer.Option(min=1, max=256, help=say("Runs side by side.", "同时进行多少次运行。")),
]
_Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        show_default=False,
        help=say(
            "The scheduler of a Dask cluster whose workers do the runs, such as"
            " tls://10.1.2.3:8786, instead of processes here.",
            "由 Dask 集群的工作进程完成运行（而非本机进程）：其调度器地址，例如"
            " tls://10.1.2.3:8786。",
        ),
    ),
]
_Results = Annotated[
    Path,
    typer.Option(
        metavar="FOLDER",
        help=say(
            "Where finished runs are kept; none of them is done twice.",
            "已完成的运行保存在这里；不会重复计算。",
        ),
    ),
]
_Seeds = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=1000,
        show_default=False,
        help=say("So many seeds instead of the file's.", "改用这么多个种子。"),
    ),
]
_Iterations = Annotated[
    int | None,
    typer.Option(
        min=1,
        show_default=False,
        help=say("Steps of each run instead of the file's.", "每次运行的搜索步数，代替文件中的。"),
    ),
]
_Out = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        show_default=False,
        help=say(
            "Write a report too: .html or .xlsx; may be given twice.",
            "另写报告：.html 或 .xlsx；可给两次。",
        ),
    ),
]


@scenario.command(
    "run",
    help=say(
        "Plan each scenario and its baseline with the same seeds, and compare them.",
        "用相同的种子计划每个情景及其基准，并进行比较。",
    ),
)
def run_scenarios(
    files: _Files,
    processes: _Processes = 2,
    cluster: _Cluster = None,
    seeds: _Seeds = None,
    iterations: _Iterations = None,
    results: _Results = _DEFAULT_RESULTS,
    out: _Out = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in numba and pydantic.
    from api.commands.scenario import Ask, run_and_compare

    ask = Ask(processes, cluster, seeds, iterations, results, tuple(out or ()), as_json, lang)
    run(lang, lambda: run_and_compare(files, ask))


@scenario.command(
    "compare",
    help=say(
        "Compare scenarios with each other: the first one is what the others are held against.",
        "情景之间相互比较：以第一个为基准。",
    ),
)
def compare_scenarios(
    files: _Files,
    processes: _Processes = 2,
    cluster: _Cluster = None,
    seeds: _Seeds = None,
    iterations: _Iterations = None,
    results: _Results = _DEFAULT_RESULTS,
    out: _Out = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    if len(files) < 2:
        raise typer.BadParameter(
            lang.pick("give two files or more", "请给出两个或更多文件"), param_hint="FILE"
        )
    # Lazily: brings in numba and pydantic.
    from api.commands.scenario import Ask, compare_with_first

    ask = Ask(processes, cluster, seeds, iterations, results, tuple(out or ()), as_json, lang)
    run(lang, lambda: compare_with_first(files, ask))


@scenario.command(
    "sweep",
    help=say(
        "The price of one more: one or two quantities at several values, and where the knee is.",
        "再增加一个值多少：一个或两个量取多个值时的结果，以及拐点在哪里。",
    ),
)
def sweep_scenario(
    file: _File,
    processes: _Processes = 2,
    cluster: _Cluster = None,
    seeds: _Seeds = None,
    iterations: _Iterations = None,
    results: _Results = _DEFAULT_RESULTS,
    out: _Out = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in numba and pydantic.
    from api.commands.scenario import Ask, sweep_values

    ask = Ask(processes, cluster, seeds, iterations, results, tuple(out or ()), as_json, lang)
    run(lang, lambda: sweep_values(file, ask))


@scenario.command(
    "bottlenecks",
    help=say(
        "What holds the plan back most: skills, territories, parts and hours, ranked by what"
        " relieving each would bring.",
        "计划的瓶颈：技能、责任区、备件与工时，按放开后能带来的收益排序。",
    ),
)
def rank_bottlenecks_of_scenario(
    file: _File,
    processes: _Processes = 2,
    cluster: _Cluster = None,
    seeds: _Seeds = None,
    iterations: _Iterations = None,
    results: _Results = _DEFAULT_RESULTS,
    out: _Out = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in numba and pydantic.
    from api.commands.scenario import Ask, rank_bottlenecks

    ask = Ask(processes, cluster, seeds, iterations, results, tuple(out or ()), as_json, lang)
    run(lang, lambda: rank_bottlenecks(file, ask))


@scenario.command(
    "suggest",
    help=say(
        "The cheapest set of measures that reaches a target, and what each price buys. Exit code"
        " 1 if none does.",
        "达到目标的最省措施组合，以及各档花费能达到的水平。无法达到时退出码为 1。",
    ),
)
def suggest_for_scenario(
    file: _File,
    processes: _Processes = 2,
    cluster: _Cluster = None,
    seeds: _Seeds = None,
    iterations: _Iterations = None,
    results: _Results = _DEFAULT_RESULTS,
    out: _Out = None,
    as_json: JsonOption = False,
    lang: LanguageOption = DEFAULT_LANGUAGE,
) -> None:
    # Lazily: brings in numba and pydantic.
    from api.commands.scenario import Ask, suggest_measures

    ask = Ask(processes, cluster, seeds, iterations, results, tuple(out or ()), as_json, lang)
    run(lang, lambda: suggest_measures(file, ask))
