"""The gate: staged rows are checked before anyone can read them.

Row checks send a row to ``rejects`` with the code of every check that it failed; batch checks stop the whole batch.
Great Expectations does the checking. Importing it takes seconds, so nothing here does so before rows have to be
checked.
"""

from klartext.validate.row_checks import Checked, check_rows, read_rows
from klartext.validate.step import BatchRefused, validate_batch

__all__ = ["BatchRefused", "Checked", "check_rows", "read_rows", "validate_batch"]
