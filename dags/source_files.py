"""Reports source files that cannot be used, as an import error of this DAG file.

Such a source has no DAG until its file is corrected. Airflow loads no DAG from a file that raises an error, and
`ingest.py` has the DAGs of all other sources, so the error is raised here. This file defines no DAG.
"""

from klartext.sources import SourceError, load_usable

_, problems = load_usable()

if problems:
    raise SourceError("\n".join(map(str, problems)))
