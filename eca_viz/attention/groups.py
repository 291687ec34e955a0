"""How SE-GC cuts its channels into groups, free of torch."""


def group_count(channels: int, wanted: int) -> int:
    """The largest number of equal groups that C channels can be cut into, at most `wanted`.

    Where C is below `wanted` it is C, one channel in each group; it is at least 1.
    """
    limit = min(max(wanted, 1), channels)
    return next(count for count in range(limit, 0, -1) if channels % count == 0)
