"""How much waits for a thread."""

from concurrent.futures import ThreadPoolExecutor


def waiting_in(pool: ThreadPoolExecutor) -> int:
    """Work that no thread has begun yet. Python tells it only by a name of its own."""
    return pool._work_queue.qsize()  # noqa: SLF001 (there is no other way to learn it)
