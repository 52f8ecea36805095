"""The lock of a gaming PC, as the original guide starts it: the same as `lovhub agent`."""

import sys

from lovhub.cli import main

if __name__ == "__main__":
    sys.exit(main(["agent", *sys.argv[1:]]))
