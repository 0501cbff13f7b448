"""Services end with the command; what another command or process holds is reported."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from local_airflow import services as service_module
from local_airflow.services import Services, exclusive, lock_holder, port_is_free, signals_deferred
from local_airflow.settings import UserError


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return Services(tmp_path, tmp_path, dict(os.environ))


def family(services: Services, name: str, members: int) -> list[psutil.Process]:
    """A service and its children, once there are so many of them."""
    process = psutil.Process(services.running[name].pid)
    while len(found := [process, *process.children(recursive=True)]) < members:
        time.sleep(0.02)
    return found


def test_a_port_is_free_unless_something_listens() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert not port_is_free(port)
    assert port_is_free(port)


HOLD = """
import pathlib, sys
from local_airflow.services import exclusive
with exclusive(pathlib.Path(sys.argv[1]), "make run"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_command_names_the_first(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout and first.stdin
    assert first.stdout.readline() == "held\n"
    message = rf"^`make run` \(process {first.pid}\) is running here already"
    with pytest.raises(UserError, match=message), exclusive(tmp_path, "make up"):
        pytest.fail("two at once")
    first.stdin.close()
    assert first.wait() == 0
    first.stdout.close()
    with exclusive(tmp_path, "make up"):
        assert lock_holder(tmp_path) == (os.getpid(), "make up")
    assert lock_holder(tmp_path) is None


def test_a_service_ends_with_its_children(services: Services) -> None:
    services.start("tree", "bash", "-c", "sleep 1000 & sleep 1000 & wait")
    members = family(services, "tree", 3)
    services.stop()
    assert not any(member.is_running() for member in members)
    assert not services.register.exists()


def test_a_service_ends_with_processes_whose_parent_is_gone(services: Services) -> None:
    services.start("orphans", "bash", "-c", "(sleep 1000 & echo $!) ; sleep 1000")
    log = services.logs / "orphans.log"
    while not log.read_text().strip():
        time.sleep(0.02)
    orphan = psutil.Process(int(log.read_text()))
    services.stop()
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


def test_a_service_that_ignores_sigterm_is_killed(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "GRACE", 0.3)
    services.start(
        "deaf",
        sys.executable,
        "-c",
        "import signal, time; signal.signal(15, 1); print(1, flush=True); time.sleep(1000)",
    )
    while not (services.logs / "deaf.log").read_text():
        time.sleep(0.02)
    services.stop()
    assert not services.running


def test_a_service_that_ended_by_itself_is_named_with_its_last_line(services: Services) -> None:
    services.start("short", "bash", "-c", "echo first; echo 'no such table' >&2; exit 3")
    services.running["short"].wait()
    with pytest.raises(UserError, match=r"short ended by itself \(no such table\); its log is .*short\.log"):
        services.check()
    services.stop()


def test_a_service_that_was_killed_is_started_again_without_what_it_left(services: Services) -> None:
    services.start("tree", "bash", "-c", "sleep 1000 & wait")
    leader, child = family(services, "tree", 2)
    assert services.restart_ended() == {}
    leader.kill()
    services.running["tree"].wait()
    assert services.restart_ended() == {"tree": "killed by SIGKILL"}
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert services.running["tree"].pid != leader.pid
    assert services.running["tree"].poll() is None
    services.stop()


def test_a_service_that_ends_again_and_again_is_named(services: Services) -> None:
    services.start(
        "short", "bash", "-c", "echo 'db.OperationalError: no such table'; echo '(Background: https://…)'; exit 3"
    )
    for _ in range(service_module.MOST_RESTARTS):
        services.running["short"].wait()
        assert services.restart_ended() == {"short": "db.OperationalError: no such table"}
    services.running["short"].wait()
    with pytest.raises(
        UserError, match=r"short ended by itself 4 times .*no such table.*short\.log\. Correct the cause"
    ):
        services.restart_ended()
    services.stop()


def test_what_a_killed_service_left_ends_with_the_command(services: Services) -> None:
    services.start("tree", "bash", "-c", "sleep 1000 & wait")
    leader, child = family(services, "tree", 2)
    leader.kill()
    services.running["tree"].wait()
    services.stop()
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


START = """
import os, pathlib, sys, time
from local_airflow.services import Services
home = pathlib.Path(sys.argv[1])
services = Services(home, home, dict(os.environ))
services.start("one", "sleep", "1000")
services.start("two", "bash", "-c", "sleep 1000 & echo $! ; wait")
while not (log := (home / "two.log").read_text()).strip():
    time.sleep(0.02)
print("up", log, flush=True)
time.sleep(1000)
"""


def test_the_next_command_ends_the_services_of_a_killed_one(tmp_path: Path, services: Services) -> None:
    launcher = subprocess.Popen([sys.executable, "-c", START, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert launcher.stdout
    child = psutil.Process(int(launcher.stdout.readline().removeprefix("up ")))
    leaders = [psutil.Process(pid) for pid, _ in json.loads(services.register.read_text())]
    launcher.kill()
    launcher.wait()
    launcher.stdout.close()
    assert len(leaders) == 2
    leaders[1].kill()  # its child runs on
    psutil.wait_procs([leaders[1]], timeout=10)
    left = [leaders[0], child]
    assert all(process.is_running() for process in left)
    assert services.stop_leftovers()
    assert not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in left)
    assert not services.stop_leftovers()


def test_another_process_with_the_same_number_is_left_alone(services: Services) -> None:
    bystander = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    born = psutil.Process(bystander.pid).create_time()
    services.register.write_text(json.dumps([[bystander.pid, born - 60]]))
    assert not services.stop_leftovers()
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_signals_are_handled_after_the_block() -> None:
    heard = []
    usual = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        with signals_deferred():
            os.kill(os.getpid(), signal.SIGTERM)
            assert heard == []
        assert heard == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, usual)
