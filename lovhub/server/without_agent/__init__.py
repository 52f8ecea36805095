"""PCs that are on and whose agent says nothing: another system from a stick, or ours with the agent ended."""
