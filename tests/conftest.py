"""What every test may ask for: a PostgreSQL, a screen to open windows on, a Windows under Wine."""

import sys

# On Windows (the tests that run under Wine) there is neither: windows open on Wine's own screen.
pytest_plugins = (
    []
    if sys.platform == "win32"
    else ["tests.support.postgres", "tests.support.xvfb", "tests.support.wine"]
)
