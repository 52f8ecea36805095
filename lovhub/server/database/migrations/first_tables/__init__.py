"""The tables of the first migration (0001), by subject: part of it, and as little to be changed as any released one."""
