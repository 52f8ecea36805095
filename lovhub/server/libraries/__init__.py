"""The games that Steam and Epic have installed on a PC, offered to be added to the club's list."""
