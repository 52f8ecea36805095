"""Not on a gaming PC (`requirements_client.txt`): what asks for it there does without, and so does what is measured."""

raise ImportError(f"{__name__} is no package of a gaming PC's")
