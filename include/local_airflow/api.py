"""Airflow's REST API, as far as we need it."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import httpx

from local_airflow.settings import PASSWORD, USER, Settings, Trouble

Json = dict[str, Any]


class Api:
    """Calls that wait for the server where it is busy: SQLite has one writer."""

    def __init__(self, settings: Settings) -> None:
        self._client = httpx.Client(base_url=settings.address, timeout=60, trust_env=False)

    def call(self, method: str, path: str, **arguments: Any) -> Json:
        """The answer as JSON. Raises Trouble for an error that does not go away."""
        for attempt in range(40):
            try:
                answer = self._client.request(method, path, **arguments)
            except httpx.TransportError as error:
                if attempt == 39:
                    raise Trouble(f"Airflow does not answer at {path} ({error}).") from error
            else:
                if answer.status_code == 401:
                    self._log_in()
                elif answer.status_code < 500:
                    break
            time.sleep(0.5)
        if answer.is_error:
            raise Trouble(f"Airflow refused {method} {path}: {answer.status_code} {answer.text[:500]}")
        return dict(answer.json()) if answer.content else {}

    def _log_in(self) -> None:
        answer = self._client.post("/auth/token", json={"username": USER, "password": PASSWORD})
        if answer.is_success:
            self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def healthy(self) -> set[str]:
        """Names of the components that are up."""
        try:
            answer = self._client.get("/api/v2/monitor/health").json()
        except (httpx.TransportError, ValueError):
            return set()
        return {name for name, state in answer.items() if state.get("status") == "healthy"}

    def dags(self) -> dict[str, Json]:
        found = self.call("GET", "/api/v2/dags", params={"limit": 1000, "exclude_stale": True})["dags"]
        return {dag["dag_id"]: dag for dag in found}

    def import_errors(self) -> list[str]:
        found = self.call("GET", "/api/v2/importErrors")["import_errors"]
        return [f"{problem['filename']}: {problem['stack_trace'].strip()}" for problem in found]

    def pause(self, dag: str, paused: bool) -> None:
        self.call("PATCH", f"/api/v2/dags/{dag}", json={"is_paused": paused})

    def runs(self, dag: str = "~", **filters: Any) -> list[Json]:
        """Runs of a DAG, or of all."""
        path = f"/api/v2/dags/{dag}/dagRuns"
        found: list[Json] = []
        while True:
            page = self.call("GET", path, params={"limit": 100, "offset": len(found), "order_by": "id", **filters})
            found += page["dag_runs"]
            if not page["dag_runs"] or len(found) >= page["total_entries"]:
                return found

    def failed_tasks(self, dag: str, run: str) -> list[Json]:
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances"
        return list(self.call("GET", path, params={"state": "failed"})["task_instances"])

    def backfill(self, dag: str, first: dt.datetime, last: dt.datetime, *, at_once: int = 4) -> None:
        """Runs for all intervals that begin in ``[first, last]``, those that ran before once more."""
        body = self._range(dag, first, last) | {"max_active_runs": at_once}
        self.call("POST", "/api/v2/backfills", json=body)

    def last_interval(self, dag: str, first: dt.datetime, last: dt.datetime) -> dt.datetime:
        """Beginning of the latest interval that began in ``[first, last]`` and is over."""
        planned = self.call("POST", "/api/v2/backfills/dry_run", json=self._range(dag, first, last))["backfills"]
        if not planned:
            raise Trouble(f"The schedule of {dag} has no interval between {first:%F %R} and {last:%F %R}.")
        return max(dt.datetime.fromisoformat(run["logical_date"]) for run in planned)

    @staticmethod
    def _range(dag: str, first: dt.datetime, last: dt.datetime) -> Json:
        ends = {"from_date": first.isoformat(), "to_date": last.isoformat()}
        return {"dag_id": dag, "reprocess_behavior": "completed", **ends}

    def trigger(self, dag: str, conf: Json) -> str:
        return str(
            self.call("POST", f"/api/v2/dags/{dag}/dagRuns", json={"logical_date": None, "conf": conf})["dag_run_id"]
        )

    def announced(self, dag: str) -> int:
        """Partitions that a DAG was told of and has no run for yet."""
        filters = {"dag_id": dag, "has_created_dag_run_id": False}
        return int(self.call("GET", "/ui/partitioned_dag_runs", params=filters)["total"])

    def give_up(self, dag: str) -> None:
        """Ends what an earlier session left under way in a DAG, so that it can begin anew."""
        for left in self.call("GET", "/ui/backfills", params={"dag_id": dag, "active": True, "limit": 100})[
            "backfills"
        ]:
            self.call("PUT", f"/api/v2/backfills/{left['id']}/cancel")
        for run in self.runs(dag, state=["queued", "running"]):
            self.call("PATCH", f"/api/v2/dags/{dag}/dagRuns/{run['dag_run_id']}", json={"state": "failed"})

    def resume(self, dag: str) -> None:
        """Begins again what an earlier session left half done in a DAG."""
        for run in self.runs(dag, state=["running"]):
            self.call("POST", f"/api/v2/dags/{dag}/dagRuns/{run['dag_run_id']}/clear", json={"dry_run": False})
