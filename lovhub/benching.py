"""`lovhub bench`: the measures, which stand beside the program in its source code and are not installed with it."""

import importlib
import sys
from gettext import gettext as _
from pathlib import Path

EXIT_NOT_HERE = 1


def main(arguments: list[str], root: Path = Path(__file__).parents[1]) -> int:
    """Measure; returns the exit code."""
    if not (root / "bench" / "command.py").is_file():
        sys.stderr.write(
            _("Замеры есть только в исходном коде LoVHub: в установленную программу они не входят.")
            + "\n"
        )
        return EXIT_NOT_HERE
    sys.path.insert(0, str(root))
    exit_code: int = importlib.import_module("bench.command").main(arguments)
    return exit_code
