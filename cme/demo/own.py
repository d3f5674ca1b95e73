"""What a demo sign-in added to the transcript: credit from elsewhere, and a goal."""

from datetime import date, datetime, timedelta

from cme.accounts.models import Account
from cme.credits.services import transcripts
from cme.demo import going
from cme.gateways.letters import missing_letters

HOURS = {"medical-errors": 120, "controlled-substances": 120}


def add(people: dict[str, Account], *, now: datetime) -> None:
    """Enter both, once."""
    person, today = people[going.MD].id, now.date()
    heard = transcripts.ExternalValues(
        title="Stroke Care Weekend",
        provider="Bayward School of Medicine",
        on=today - timedelta(days=100),
        credit_type="ama-pra-1",
        credits=775,
        note="Certificate in my files",
        topic_minutes={"medical-errors": 60},
    )
    transcripts.add_external(person, heard, form_id="demo-elsewhere", now=now, may_print=missing_letters)
    first = date(today.year - (1 if today.month > 1 else 2), 2, 1)  # the cycle they are in the middle of
    goal = transcripts.GoalValues(
        name="Florida licence",
        starts_on=first,
        due_on=date(first.year + 2, 1, 31),
        credits=4000,
        topic_minutes=HOURS,
    )
    transcripts.add_goal(person, goal, form_id="demo-goal", now=now)
