"""`lovhub bench growth`: how cost grows with what has gathered in the books, and with the PCs of the hall."""
