"""Runs on a Dask cluster: the same results as here, whatever becomes of single workers."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scenarios.cluster import Certificates, Cluster, ClusterError, certificates_of
from scenarios.executing import Done, run_all
from scenarios.results import Results
from scenarios.run import OtherProgramError, carry_out, jobs_of
from tests.scenarios.clusters import ROOT, SmallCluster, a_cluster
from tests.scenarios.laboratories import a_scenario

NAMES = ("DISPATCH_CLUSTER_CA", "DISPATCH_CLUSTER_CERT", "DISPATCH_CLUSTER_KEY")


def quiet(_: Done) -> None: ...


def go_on() -> bool:
    return False


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCluster]:
    with a_cluster(tmp_path_factory.mktemp("cluster"), workers=3) as started:
        yield started


def lines(folder: Path) -> list[str]:
    return (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.xdist_group("cluster")
def test_what_is_stopped_goes_on_later(small: SmallCluster, tmp_path: Path) -> None:
    jobs = jobs_of(a_scenario(seeds=range(1, 13)))
    results = Results(tmp_path)
    with Cluster(small.address) as cluster:
        assert not run_all(jobs, results, cluster, quiet, lambda: len(results.known) >= 2)
        some = dict(results.known)
        assert 2 <= len(some) < len(jobs)
        assert run_all(jobs, Results(tmp_path), cluster, quiet, go_on)
    assert len(lines(tmp_path)) == len(jobs)
    again = Results(tmp_path).known
    assert {key: again[key] for key in some} == some


@pytest.mark.xdist_group("cluster")
def test_a_killed_worker_costs_time_but_no_result(small: SmallCluster, tmp_path: Path) -> None:
    jobs = jobs_of(a_scenario(seeds=range(1, 13)))

    def kill_one(at: Done) -> None:
        if at.done == 2:
            small.workers[0].kill()

    with Cluster(small.address) as cluster:
        assert run_all(jobs, Results(tmp_path), cluster, kill_one, go_on)
    assert small.workers[0].wait() != 0
    assert len(lines(tmp_path)) == len(jobs)
    assert Results(tmp_path).known == {job.key: carry_out(job) for job in jobs}


def test_workers_with_another_program_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    for package in ("dispatch", "scenarios", "solver"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, other / package, ignore=ignored)
    with (other / "dispatch" / "nearest.py").open("a") as file:
        file.write("# changed\n")
    with (
        a_cluster(tmp_path, workers=1, program=other) as started,
        Cluster(started.address) as cluster,
        pytest.raises(ClusterError, match="another version"),
    ):
        run_all(jobs_of(a_scenario()), Results(tmp_path), cluster, quiet, go_on)


def test_a_worker_that_joins_later_with_another_program_does_nothing() -> None:
    job = jobs_of(a_scenario())[0]
    other = replace(job, program="another one")
    with pytest.raises(OtherProgramError, match="another version"):
        carry_out(other)


def test_with_tls_only_who_has_a_certificate_is_let_in(tmp_path: Path) -> None:
    files = certificates(tmp_path)
    ca, certificate, key = (str(f) for f in (files.authority, files.certificate, files.key))
    options = (f"--tls-ca-file={ca}", f"--tls-cert={certificate}", f"--tls-key={key}")
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    jobs = jobs_of(a_scenario())
    with a_cluster(tmp_path, workers=1, tls=options) as started:
        assert started.address.startswith("tls://127.0.0.1:")
        with Cluster(started.address, files) as cluster:
            assert run_all(jobs, Results(tmp_path), cluster, quiet, go_on)
        with (
            Cluster(started.address, certificates(stranger)) as cluster,
            pytest.raises(ClusterError, match="certificates"),
        ):
            run_all(jobs, Results(stranger), cluster, quiet, go_on)
    assert len(lines(tmp_path)) == len(jobs)


def test_nobody_answers(tmp_path: Path) -> None:
    with (
        Cluster("tcp://127.0.0.1:9") as cluster,
        pytest.raises(ClusterError, match=r"tcp://127\.0\.0\.1:9"),
    ):
        run_all(jobs_of(a_scenario()), Results(tmp_path), cluster, quiet, go_on)


@pytest.mark.parametrize("address", ["", "127.0.0.1:8786", "http://h:1", "tcp://h", "tcp://h:x"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ClusterError, match="would be right"):
        Cluster(address)


def test_tls_needs_certificates(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="DISPATCH_CLUSTER_CA"):
        Cluster("tls://127.0.0.1:8786")
    files = certificates(tmp_path)
    paths = [str(path) for path in (files.authority, files.certificate, files.key)]
    assert certificates_of(dict(zip(NAMES, paths, strict=True))) == files
    assert certificates_of({}) is None
    with pytest.raises(ClusterError, match="missing: DISPATCH_CLUSTER_KEY"):
        certificates_of(dict(zip(NAMES[:2], paths[:2], strict=True)))
    with pytest.raises(ClusterError, match="no such file"):
        certificates_of(dict.fromkeys(NAMES, str(tmp_path / "nowhere.pem")))


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed.scheduler", None)
    with pytest.raises(ClusterError, match=r"field-dispatch\[cluster\]"):
        Cluster("tcp://127.0.0.1:8786")


def certificates(folder: Path) -> Certificates:
    """A certificate that is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cluster")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return Certificates(certificate, certificate, private)
