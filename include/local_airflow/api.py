"""Calls of Airflow's REST API."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import httpx

from local_airflow.settings import PASSWORD, USER, Settings, UserError

Json = dict[str, Any]
_ATTEMPTS = 40


class NoAnswerError(UserError):
    """The API server does not answer."""


class Api:
    """A client of the local API server. It repeats calls that fail because the server is busy."""

    def __init__(self, settings: Settings) -> None:
        self._client = httpx.Client(base_url=settings.address, timeout=60, trust_env=False)

    def call(self, method: str, path: str, **arguments: Any) -> Json:
        """The answer's JSON. Raises NoAnswerError if there is none within twenty seconds, and UserError for an error
        that does not pass within them."""
        for attempt in range(_ATTEMPTS):
            try:
                answer = self._client.request(method, path, **arguments)
            except httpx.TransportError as error:
                if attempt == _ATTEMPTS - 1:
                    raise NoAnswerError(f"Airflow does not answer at {path} ({error}).") from error
            else:
                if answer.status_code == 401 or (answer.status_code == 403 and "Invalid JWT" in answer.text):
                    self._log_in()
                elif answer.status_code < 500:
                    break
            time.sleep(0.5)
        if answer.is_error:
            raise UserError(f"Airflow refused {method} {path}: {answer.status_code} {answer.text[:500]}")
        return dict(answer.json()) if answer.content else {}

    def _log_in(self) -> None:
        answer = self._client.post("/auth/token", json={"username": USER, "password": PASSWORD})
        if answer.is_success:
            self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def healthy(self) -> set[str]:
        """Names of the components that are healthy."""
        try:
            answer = self._client.get("/api/v2/monitor/health").json()
        except (httpx.TransportError, ValueError):
            return set()
        return {name for name, state in answer.items() if state.get("status") == "healthy"}

    def dags(self) -> dict[str, Json]:
        """The DAGs whose files exist, by name."""
        found = self.call("GET", "/api/v2/dags", params={"limit": 1000, "exclude_stale": True})["dags"]
        return {dag["dag_id"]: dag for dag in found}

    def import_errors(self) -> list[str]:
        """The import errors of DAG files, a text for each."""
        found = self.call("GET", "/api/v2/importErrors")["import_errors"]
        return [f"{problem['filename']}: {problem['stack_trace'].strip()}" for problem in found]

    def pause(self, dag: str, paused: bool) -> None:
        """Pauses a DAG, or resumes it."""
        self.call("PATCH", f"/api/v2/dags/{dag}", json={"is_paused": paused})

    def runs(self, dag: str = "~", **filters: Any) -> list[Json]:
        """Runs of a DAG, or of all."""
        found: list[Json] = []
        while True:
            params = {"limit": 100, "offset": len(found), "order_by": "id", **filters}
            page = self.call("GET", f"/api/v2/dags/{dag}/dagRuns", params=params)
            found += page["dag_runs"]
            if not page["dag_runs"] or len(found) >= page["total_entries"]:
                return found

    def running_tasks(self) -> list[Json]:
        """The task instances that are running, of all DAGs; at most a hundred."""
        found = self.call("GET", "/api/v2/dags/~/dagRuns/~/taskInstances", params={"state": "running", "limit": 100})
        return list(found["task_instances"])

    def failed_tasks(self, dag: str, run: str) -> list[Json]:
        """The failed task instances of a run."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances"
        return list(self.call("GET", path, params={"state": "failed"})["task_instances"])

    def log(self, task: Json) -> list[Json]:
        """The lines of the log of a task instance's last try."""
        path = f"/api/v2/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}/logs"
        asked = {"params": {"map_index": task["map_index"]}, "headers": {"Accept": "application/json"}}
        return list(self.call("GET", f"{path}/{task['try_number']}", **asked)["content"])

    def backfill(self, dag: str, first: dt.datetime, last: dt.datetime, *, dry_run: bool = False) -> list[dt.datetime]:
        """Creates runs for all intervals that begin in ``[first, last]``, completed ones included. A dry run creates
        nothing, and returns the beginnings of the intervals."""
        body = {"dag_id": dag, "from_date": first.isoformat(), "to_date": last.isoformat(), "max_active_runs": 4}
        path = "/api/v2/backfills" + ("/dry_run" if dry_run else "")
        planned = self.call("POST", path, json=body | {"reprocess_behavior": "completed"}).get("backfills", [])
        return [dt.datetime.fromisoformat(run["logical_date"]) for run in planned]

    def trigger(self, dag: str, conf: Json) -> str:
        """Starts a run; returns its id."""
        body = {"logical_date": None, "conf": conf}
        return str(self.call("POST", f"/api/v2/dags/{dag}/dagRuns", json=body)["dag_run_id"])

    def partitions_without_run(self, dag: str) -> int:
        """The number of partitions that asset events named and for which the DAG has no run yet."""
        filters = {"dag_id": dag, "has_created_dag_run_id": False}
        return int(self.call("GET", "/ui/partitioned_dag_runs", params=filters)["total"])

    def cancel_runs(self, dag: str) -> None:
        """Ends backfills and runs that an earlier command left unfinished."""
        active = self.call("GET", "/ui/backfills", params={"dag_id": dag, "active": True, "limit": 100})
        for backfill in active["backfills"]:
            self.call("PUT", f"/api/v2/backfills/{backfill['id']}/cancel")
        for run in self.runs(dag, state=["queued", "running"]):
            self.call("PATCH", f"/api/v2/dags/{dag}/dagRuns/{run['dag_run_id']}", json={"state": "failed"})

    def restart_runs(self, dag: str) -> None:
        """Starts again the runs that an earlier command left unfinished."""
        for run in self.runs(dag, state=["running"]):
            self.call("POST", f"/api/v2/dags/{dag}/dagRuns/{run['dag_run_id']}/clear", json={"dry_run": False})
