"""What `tests.support.warm` imports before it is asked for a command: all that the server's commands need."""

import gc

import lovhub.server.backups.command
import lovhub.server.command
import lovhub.server.ledger.command
import lovhub.server.running
import lovhub.server.staff.command
import lovhub.server.status.command  # noqa: F401

gc.collect()
gc.freeze()
