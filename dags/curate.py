"""Rebuilds the current view of months of a source: `lake/articles/source=…/month=…/articles.parquet`.

Publishing tasks name the months to rebuild, as partitions `slug|YYYY-MM`. One run takes all that were named of a
source since the run before, in one pass over its versions; its partition is `slug|*`. To rebuild one month by hand,
trigger it with the partition `slug|YYYY-MM`, and all months with `slug|*`. The result depends only on what is
published, so running it again changes nothing. An event of `klartext://articles` announces each rebuilt month.

A month that fails does not hold up the others: it is tried again by a task of its own, which is named after it. Runs
may work on the same months at once: a rebuild starts again if another batch was published meanwhile, so an older view
never replaces a newer one.
"""

from klartext_airflow.curate import curate_dag

curate_dag(__doc__)
