"""One run: the facts of a scenario, planned once. It is what worker processes carry out."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from platform import node

from pydantic import TypeAdapter

import dispatch
import solver
from dispatch.domain.errors import DispatchError
from dispatch.domain.snapshot import Snapshot
from dispatch.judged import judged
from dispatch.planning import make_plan
from dispatch.travel import travel_of
from scenarios.outcome import Outcome, outcome_of
from scenarios.scenario import Effort, Scenario

_SNAPSHOT: TypeAdapter[Snapshot] = TypeAdapter(Snapshot)
_KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Job:
    """One run that is to be done. Equal keys mean equal results: the key is made of the facts (with
    changes and policy), the seed, the effort and the ``program`` that is to do it."""

    key: str
    facts: Snapshot
    seed: int
    effort: Effort
    program: str


class OtherProgramError(DispatchError):
    """A worker is another version of the program."""


def jobs_of(scenario: Scenario) -> tuple[Job, ...]:
    """A run for each seed, in their order."""
    made = []
    digests: dict[int, bytes] = {}
    for seed in scenario.seeds:
        facts = scenario.facts(seed)
        if id(facts) not in digests:
            digests[id(facts)] = hashlib.sha256(_SNAPSHOT.dump_json(facts)).digest()
        made.append(
            Job(
                _key(digests[id(facts)], seed, scenario.effort),
                facts,
                seed,
                scenario.effort,
                program(),
            )
        )
    return tuple(made)


def carry_out(job: Job) -> Outcome:
    """Plans one job, on one core. The referee's verdict is what counts. Raises
    OtherProgramError."""
    if job.program != program():
        raise _other_program()
    travel = travel_of(job.facts)
    plan = make_plan(
        job.facts,
        travel,
        seconds=job.effort.seconds,
        iterations=job.effort.iterations,
        seed=job.seed,
        report=lambda _: None,
        stop=lambda: False,
        cores=1,
    )
    return outcome_of(job.key, job.seed, judged(job.facts, plan, travel))


def _other_program() -> OtherProgramError:
    return OtherProgramError(
        f"The worker on {node()} has another version of the program, or it was changed meanwhile."
        " Install there what is installed here, and start it again.",
        f"{node()} 上的工作进程程序版本不同，或程序在运行期间被修改。"
        "请安装与本机相同的版本并重新启动。",
    )


def _key(facts: bytes, seed: int, effort: Effort) -> str:
    said = f"{seed} {effort.iterations} {effort.seconds} {program()}".encode()
    return hashlib.blake2b(facts + said, digest_size=_KEY_BYTES).hexdigest()


@cache
def program() -> str:
    """What the program is: another one may find other plans of the same facts."""
    found = hashlib.sha256()
    for package in (dispatch, solver):
        folder = Path(package.__path__[0])
        for source in sorted(folder.rglob("*.py")):
            found.update(source.read_bytes())
    found.update(Path(__file__).with_name("outcome.py").read_bytes())
    return found.hexdigest()
