"""A transcript as its person looks at it: the part asked for, what it comes to, and what it means for their goals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from cme.credits.models import Goal
from cme.credits.queries.transcripts import ELSEWHERE, Line, goals_of, totals_of, whole_transcript_of
from cme.credits.rules.goals import TYPE_NAMES, Progress, a_year, progress
from cme.credits.rules.transcripts import Wanted, Years, by_year
from cme.values import MODE_LABELS, Credits

WAYS = {**{mode.value: label for mode, label in MODE_LABELS.items()}, ELSEWHERE: "Elsewhere, entered by you"}


@dataclass(frozen=True)
class Overview:
    """All a person has, and the part of it that was asked for."""

    everything: list[Line]
    wanted: Wanted
    goals: list[tuple[Goal, Progress]]

    @cached_property
    def lines(self) -> list[Line]:
        """What was asked for."""
        return self.wanted.of_these(self.everything)

    @cached_property
    def years(self) -> list[int]:
        """The years with credit, the latest first."""
        return sorted({line.year for line in self.everything}, reverse=True)

    @cached_property
    def kinds(self) -> list[str]:
        """The types of credit there are, in the order of the house."""
        held = {line.credit_type for line in self.everything}
        return [kind for kind in TYPE_NAMES if kind in held]

    @cached_property
    def totals(self) -> list[tuple[str, Credits, Credits]]:
        """For each type of what was asked for: what was granted here, and what was entered."""
        here = totals_of(line for line in self.lines if not line.is_own)
        own = totals_of(line for line in self.lines if line.is_own)
        none = Credits(0)
        return [(kind, here.get(kind, none), own.get(kind, none)) for kind in self.kinds if kind in here | own]

    @cached_property
    def chart(self) -> Years:
        """Credit by year: of the type asked for, in all years."""
        chosen = Wanted(kind=self.wanted.kind).of_these(self.everything)
        return by_year(chosen, ways=WAYS, kinds=TYPE_NAMES)

    @cached_property
    def goal_a_year(self) -> Credits | None:
        """What the next goal asks for in a year, where the chart counts the same credit."""
        for goal, far in self.goals:
            if far.days_left >= 0 and goal.credit_type == self.wanted.kind and (asked := a_year(goal)):
                return asked
        return None


def overview_of(account_id: int, asked: Mapping[str, str], *, today: date) -> Overview:
    """Read a person's transcript as an address asks for it."""
    lines = whole_transcript_of(account_id)
    wanted = Wanted.of(asked, years={line.year for line in lines}, kinds={line.credit_type for line in lines})
    return Overview(lines, wanted, [(goal, progress(goal, lines, today=today)) for goal in goals_of(account_id)])
