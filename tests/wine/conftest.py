"""Tests of the Windows half: those in `inside` are collected by the Windows Python only."""

import sys

collect_ignore = [] if sys.platform == "win32" else ["inside"]
