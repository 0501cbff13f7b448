"""Rebuilds months of which an event was lost, once an hour.

A task that publishes a batch announces the months to rebuild when it ends. If its process is killed after the files are
there, and the task is not tried again, no run of `curate` hears of them. This DAG compares what is published with what
each month was made of, rebuilds the months that differ, and announces them as `curate` does; its log says which. What
was published in the last 15 minutes is left to the runs that are under way. Then it computes the shared text of
months whose articles have changed and of which no run of `link` has heard.

`klartext lake check` reports the same months without rebuilding them.
"""

from klartext_airflow.heal import heal_dag

heal_dag(__doc__)
