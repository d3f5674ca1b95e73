"""How long somebody may watch what they bought on demand."""

from datetime import date, timedelta

MOST_ACCESS = 36_500  # days; the calendar of the program ends some day


def access_until(
    bought_on: date, *, access_days: int | None, released_on: date | None, terminates_on: date | None
) -> date | None:
    """The last day somebody may watch what they bought; None where nothing limits it.

    So many days from the purchase, or from the release where that comes later; never after the activity ends.
    """
    limits = [terminates_on] if terminates_on else []
    if access_days is not None:
        limits.append(max(bought_on, released_on or bought_on) + timedelta(days=min(access_days, MOST_ACCESS)))
    return min(limits, default=None)
