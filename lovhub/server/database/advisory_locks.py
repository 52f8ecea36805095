"""The numbers of PostgreSQL's advisory locks, all in one place: two with the same would wait for each other.

Any numbers, but the same in every version of the program. Locks are of one database of a PostgreSQL.
"""

SERVERS = 7_310_579_620_118_563
"""Shared by all servers of the database; alone, who changes it from the ground up."""

LEADER = SERVERS + 1
"""Of the database."""

LINE = SERVERS + 7
"""Held by an operation that stands in the line of `nodes/service.py`."""

# With a number of what they are of beside them.
NODES = 731_057_900
"""With a node's number: that this node is there."""

CLUBS = 731_057_901
"""With a club's number, as all below: shared by its servers; the first has it alone at first."""

LEADERS = 731_057_902
PAGES = 731_057_903
"""Shared by those of a club's servers that answer pages."""

BANK_DAYS = 731_057_963
"""Shared by whoever writes what is compared with the bank (a migration has put the number into the database's
triggers); alone, who keeps days of that.
"""

REGISTRIES = 731_057_964
"""Whoever keeps a registry of the bank, or an answer."""
