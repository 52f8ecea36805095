"""What a tariff may be."""

LONGEST_SECONDS = 31 * 24 * 3600
HIGHEST_PRICE_TIYN = 1_000_000_00


def per_hour_tiyn(price_tiyn: int, seconds: int) -> int:
    """What an hour costs at this price, to the nearest tiyn: by this tariffs are compared."""
    return (price_tiyn * 3600 * 2 + seconds) // (seconds * 2)


def problems(title: str, seconds: int, price_tiyn: int) -> dict[str, str]:
    """What is wrong with a tariff: field → code; empty when all is well."""
    found = {}
    if not 1 <= len(title.strip()) <= 60:
        found["title"] = "title_malformed"
    if not 60 <= seconds <= LONGEST_SECONDS:
        found["seconds"] = "duration_out_of_range"
    if not 0 <= price_tiyn <= HIGHEST_PRICE_TIYN:
        found["price"] = "price_out_of_range"
    return found
