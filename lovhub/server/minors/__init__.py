"""Unaccompanied minors do not play at night: whose age is known, who may stay, what is sold to whom."""
