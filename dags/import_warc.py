"""Imports the pages of WARC files, whichever crawler captured them.

`files → split → plan → extract → validate → publish → verdict`

`path` is a file, a folder, an address as `s3://bucket/file.warc.gz`, or a list of these, below `KLARTEXT_IMPORTS`.
`split` is mapped over the files, `extract` over chunks of some 250 pages. Pages of hosts that a source file names are
read with that source's rules; all others are one batch of the source `other`, read with the generic rules, each with
its `site`. A batch that is refused does not hold up the others, but makes the run fail after they are published.
"""

from klartext_airflow.import_warc import import_warc_dag

import_warc_dag(__doc__)
