"""`sweep --engine ray:ADDRESS` on a cluster of two nodes on this machine."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import run
from tests.sweeping.sessions import lines
from tests.sweeping.test_choosing import labels

pytestmark = pytest.mark.slow
pytest.importorskip("ray", reason="the extra `ray` is not installed; `make sweep` does it")
_NODE = {
    "num_cpus": 1,
    "object_store_memory": 200 * 2**20,
    "include_dashboard": False,
    "_system_config": {"health_check_initial_delay_ms": 500, "health_check_period_ms": 500},
}
_SECONDS = 300


# Ray leaves the files of the node that died open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_lost_node_changes_no_label(tmp_path: Path) -> None:
    """One of two nodes dies while it classifies; the tables are those of one machine."""
    from ray.cluster_utils import Cluster

    source = tmp_path / "spans.jsonl"
    source.write_text("\n".join(lines(1_000)) + "\n")
    run("sweep", source, "--out", tmp_path / "local")
    cluster = Cluster(initialize_head=True, head_node_args=_NODE)
    second = cluster.add_node(num_cpus=1, object_store_memory=200 * 2**20)
    try:
        command = [sys.executable, "-m", "session_classify", "sweep", str(source)]
        command += ["--out", str(tmp_path / "ray"), "--engine", f"ray:{cluster.address}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as sweep:
            _wait_for((tmp_path / "ray" / ".sweep" / "plan.json").exists, sweep)
            _wait_for(lambda: _classifies(second), sweep)
            cluster.remove_node(second, allow_graceful=False)
            assert sweep.poll() is None, "it ended before the node was lost"
            try:
                told = sweep.communicate(timeout=_SECONDS)[0].decode()
            finally:
                sweep.kill()  # one that waits for ever must not hold the tests
    finally:
        cluster.shutdown()

    assert sweep.returncode == 0, told[-2_000:]
    assert labels(tmp_path / "ray") == labels(tmp_path / "local")


def _classifies(node: Any) -> bool:
    """Return whether a node runs our function: Ray names a worker after its task."""
    import psutil

    raylet = node.all_processes["raylet"][0].process.pid
    found = (process.info for process in psutil.process_iter(["ppid", "cmdline"]))
    return any("UDF" in " ".join(one["cmdline"] or ()) for one in found if one["ppid"] == raylet)


def _wait_for(done: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _SECONDS
    while not done():
        assert process.poll() is None, "the sweep ended before it classified"
        assert time.monotonic() < end
        time.sleep(0.02)
