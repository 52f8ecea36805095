"""What a gaming PC does not have, so that what is measured does not find it either (`pc.py`)."""
