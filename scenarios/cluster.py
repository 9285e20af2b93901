"""Runs on other machines: workers of a Dask cluster, behind the same executor as processes here."""

from collections.abc import Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dispatch.domain.errors import DispatchError
from scenarios.executing import AHEAD, Workers
from scenarios.run import program

if TYPE_CHECKING:
    from distributed import Client, Security

_CONNECT_S = 10
_PATIENCE_S = 30
"""So long a cluster may be without any worker: a worker that died is started again in seconds."""
_TCP, _TLS = "tcp", "tls"
_FILES = ("DISPATCH_CLUSTER_CA", "DISPATCH_CLUSTER_CERT", "DISPATCH_CLUSTER_KEY")


class ClusterError(DispatchError):
    """A cluster that cannot be used."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in PEM format: whom both sides trust, who we are, and the key to that."""

    authority: Path
    certificate: Path
    key: Path


class Cluster(Workers):
    """The workers of the scheduler at ``address`` (``tcp://host:port`` or ``tls://host:port``).

    They are looked for when the first run is handed out. A worker that dies costs no result: its
    runs go to others. Who joins later is given runs too. Raises ClusterError for an address that
    is none, TLS without certificates, and without the packages of the extra ``cluster``.
    """

    def __init__(self, address: str, certificates: Certificates | None = None) -> None:
        _check(address, certificates)
        try:
            # Here, because only who asks for a cluster needs the package.
            from distributed.scheduler import KilledWorker
        except ImportError as error:
            raise _not_installed() from error
        super().__init__(0, self._connect)
        self.deaths = (BrokenExecutor, CancelledError, KilledWorker)
        self._address = address
        self._certificates = certificates
        self._client: Client | None = None

    def at_once(self) -> int:
        """Raises BrokenExecutor if nobody is there any more."""
        try:
            workers = sum(self._client.nthreads().values()) if self._client is not None else 0
        except OSError as error:
            raise BrokenExecutor(str(error)) from error
        if not workers:
            raise BrokenExecutor("no worker is left")
        return AHEAD * workers

    def is_compiling(self) -> bool:
        """Each machine compiles for itself, and nobody waits for that."""
        return False

    def end(self) -> None:
        """Lets go of the cluster, which goes on; what it is at for us is given up."""
        if self._client is not None:
            self._client.close()
            self._client = None
        self._executor = None

    def _connect(self) -> Executor:
        # Here, because only who asks for a cluster needs the package.
        from distributed import Client

        try:
            self._client = Client(
                self._address,
                timeout=_CONNECT_S,
                security=_security(self._certificates),
                set_as_default=False,
            )
        except OSError as error:
            raise _nobody_answers(self._address, error) from error
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE_S)
            programs = self._client.run(program, on_error="return")
        except OSError as error:
            self.end()
            raise _nobody_works(self._address) from error
        others = sorted(worker for worker, its in programs.items() if its != program())
        if others:
            self.end()
            raise _other_program(others)
        executor: Executor = self._client.get_executor(pure=False)
        return executor


def certificates_of(environment: Mapping[str, str]) -> Certificates | None:
    """The files that ``DISPATCH_CLUSTER_CA``, ``_CERT`` and ``_KEY`` name; None if none does.
    Raises ClusterError for a part of them, or files that are not there."""
    paths = [Path(environment[name]) for name in _FILES if environment.get(name)]
    if not paths:
        return None
    if len(paths) < len(_FILES):
        missing = ", ".join(name for name in _FILES if not environment.get(name))
        raise ClusterError(
            f"TLS needs all of {', '.join(_FILES)}; missing: {missing}.",
            f"使用 TLS 须同时设置 {'、'.join(_FILES)}；缺少：{missing}。",
        )
    for name, path in zip(_FILES, paths, strict=True):
        if not path.is_file():
            raise ClusterError(
                f"{name} is {path}, and there is no such file; it should be a file in PEM format.",
                f"{name} 为 {path}，该文件不存在；应为 PEM 格式的文件。",
            )
    return Certificates(*paths)


def _security(certificates: Certificates | None) -> "Security | None":
    if certificates is None:
        return None
    # Here, because only who asks for a cluster needs the package.
    from distributed import Security

    return Security(
        require_encryption=True,
        tls_ca_file=str(certificates.authority),
        tls_client_cert=str(certificates.certificate),
        tls_client_key=str(certificates.key),
    )


def _check(address: str, certificates: Certificates | None) -> None:
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in (_TCP, _TLS) and bool(parts.hostname and parts.port)
    except ValueError:  # a port that is no number
        is_whole = False
    if not is_whole:
        raise ClusterError(
            f"--cluster is {address!r}; the address of a Dask scheduler such as"
            " tcp://127.0.0.1:8786 or tls://10.1.2.3:8786 would be right.",
            f"--cluster 为 {address!r}；应为 Dask 调度器的地址，例如"
            " tcp://127.0.0.1:8786 或 tls://10.1.2.3:8786。",
        )
    if parts.scheme == _TLS and certificates is None:
        raise ClusterError(
            f"--cluster is {address}, and no certificates are given; {', '.join(_FILES)} name"
            " their files (docs/operations.md).",
            f"--cluster 为 {address}，但未给出证书；请用 {'、'.join(_FILES)}"
            " 指明文件（见 docs/operations.md）。",
        )


def _not_installed() -> ClusterError:
    return ClusterError(
        "--cluster needs the package distributed, which is not installed: "
        "pip install 'field-dispatch[cluster]'.",
        "--cluster 需要 distributed 软件包，目前未安装：pip install 'field-dispatch[cluster]'。",
    )


def _nobody_answers(address: str, error: OSError) -> ClusterError:
    return ClusterError(
        f"No Dask scheduler answers at {address} within {_CONNECT_S} s ({error}). Is it running,"
        " and are address and certificates right? docs/operations.md says how to start one.",
        f"{_CONNECT_S} 秒内 {address} 没有 Dask 调度器应答（{error}）。"
        "请检查其是否运行、地址与证书是否正确；启动方法见 docs/operations.md。",
    )


def _nobody_works(address: str) -> ClusterError:
    return ClusterError(
        f"The scheduler at {address} has had no worker for {_PATIENCE_S} s. What was finished is"
        " kept; start workers (docs/operations.md), and give the same command again.",
        f"{address} 的调度器已有 {_PATIENCE_S} 秒没有任何工作进程。已完成的结果已保留；"
        "请启动工作进程（见 docs/operations.md）后再次运行同一命令。",
    )


def _other_program(workers: Sequence[str]) -> ClusterError:
    return ClusterError(
        f"These workers have another version of the program, or none: {', '.join(workers)}."
        " Install there what is installed here, and start them again.",
        f"以下工作进程的程序版本不同，或未安装本程序：{'、'.join(workers)}。"
        "请安装与本机相同的版本并重新启动。",
    )
