"""Whether all is well: numbered self-checks, for the desk and for `lovhub doctor`."""
