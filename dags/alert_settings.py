"""Reports a value of `KLARTEXT_ALERTS` that cannot be used, as an import error of this DAG file.

The other DAGs run without alerts until it is corrected, and say so in the logs of tasks that fail. This file defines no
DAG.
"""

from klartext_airflow.alert_channels import configured_channels

configured_channels()
