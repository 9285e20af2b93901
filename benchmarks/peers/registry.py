"""Who is compared, and what each of them needs to run."""

import importlib
import shutil
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from benchmarks.peers.model import Peer

OURS = "ours"

MODULES: Mapping[str, tuple[str, str, str | None]] = {
    "pyvrp": ("with_pyvrp", "pyvrp", None),
    "vroom": ("with_vroom", "pyvroom", None),
    "ortools": ("with_ortools", "ortools", None),
    "vrp-cli": ("with_vrp_cli", "vrp-cli", None),
    "timefold": ("with_timefold", "timefold", "java"),
}
"""Module, package and program of each peer. The modules import the packages."""

NAMES = (OURS, *MODULES)


def peer_of(name: str) -> Peer:
    """The peer of that name; ``missing`` must have found nothing."""
    module = importlib.import_module(f"benchmarks.peers.{MODULES[name][0]}")
    peer: Peer = module.PEER
    return peer


def missing(name: str) -> str | None:
    """What keeps somebody from running here, in words."""
    if name == OURS:
        return None
    _, package, program = MODULES[name]
    if version_of(name) is None:
        return f"{name} needs the package {package}: pip install {package}"
    if program is not None and shutil.which(program) is None:
        return f"{name} needs {program} (17 or later) on the path"
    return None


def version_of(name: str) -> str | None:
    """The installed version of a peer's package."""
    if name == OURS:
        return version("field-dispatch")
    try:
        return version(MODULES[name][1])
    except PackageNotFoundError:
        return None
