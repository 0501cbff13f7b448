"""Where commands print to: results to standard output, what is said of them to standard error."""

from rich.console import Console

out = Console()
err = Console(stderr=True, soft_wrap=True)
