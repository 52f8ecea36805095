"""What of the server differs between Windows and Linux and takes more than a line. Both offer the same names."""

import sys

from lovhub.server.platform.common import Neighbour

if sys.platform == "win32":
    from lovhub.server.platform.windows import neighbours
else:
    from lovhub.server.platform.linux import neighbours

__all__ = ["Neighbour", "neighbours"]
