"""`python -m lovhub`: the same as `lovhub`."""

import sys

from lovhub.cli import main

sys.exit(main())
