"""The server, as the original guide starts it: the same as `lovhub serve`."""

import sys

from lovhub.cli import main

if __name__ == "__main__":
    sys.exit(main(["serve", *sys.argv[1:]]))
