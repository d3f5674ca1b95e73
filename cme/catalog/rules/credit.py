"""How an agenda becomes credit."""

from collections.abc import Iterable
from typing import Any

from cme.values import Credits

QUARTER = 25


def credit_for(minutes: int) -> Credits:
    """Credit for so much instruction: an hour each, the total to the nearest quarter, the tie up."""
    return Credits((2 * minutes + 15) // 30 * QUARTER)


def credit_minutes(sessions: Iterable[Any]) -> int:
    """The minutes of instruction one person can attend: the longest path through the agenda, parallel tracks once."""
    counted = [session for session in sessions if session.counts]
    ways = {session.mode for session in counted} - {"both"} or {"both"}
    return max((_longest_path([s for s in counted if s.mode in ("both", way)]) for way in ways), default=0)


def _longest_path(sessions: list[Any]) -> int:
    # best[i]: the most minutes among the first i sessions to end.
    ordered = sorted(sessions, key=lambda session: session.ends_at)
    best = [0]
    for session in ordered:
        before = sum(1 for other in ordered if other.ends_at <= session.starts_at)
        best.append(max(best[-1], best[before] + session.minutes))
    return best[-1]


def attended_minutes(attended: Iterable[tuple[Any, int]]) -> int:
    """The minutes somebody took part, from the sessions and the minutes noted for each; parallel tracks count once."""
    groups: list[list[tuple[Any, int]]] = []
    for session, minutes in sorted(attended, key=lambda pair: pair[0].starts_at):
        if not minutes:
            continue
        if groups and any(other.ends_at > session.starts_at for other, _ in groups[-1]):
            groups[-1].append((session, minutes))
        else:
            groups.append([(session, minutes)])
    return sum(
        min(sum(minutes for _, minutes in group), _longest_path([session for session, _ in group])) for group in groups
    )


def designated_maximum(sessions: Iterable[Any]) -> Credits:
    """The most credit an agenda supports."""
    return credit_for(credit_minutes(sessions))
