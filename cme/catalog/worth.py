"""What a seminar will count for: the credit somebody may claim of it, and the required topics it helps to meet."""

from collections.abc import Mapping
from dataclasses import dataclass

from cme.accounts.rules import CERTIFICATION_TYPES, CertificationType
from cme.catalog import rules
from cme.catalog.filters import printable
from cme.catalog.models import Designation, Seminar
from cme.catalog.places import STATES
from cme.catalog.rules.eligibility import eligible_types
from cme.values import Credits, CreditType

# Those who may register with the DEA to prescribe, and to whom its requirement applies.
PRESCRIBERS = {"md", "do", "mbbs", "resident", "pa", "np", "dds", "dpm", "od", "retired-md"}
OF_THE_MEDICAL_BOARD = {"md", "mbbs", "resident", "retired-md"}


@dataclass(frozen=True)
class Worth:
    """One type of credit a seminar is designated for."""

    credit_type: CreditType
    amount: Credits
    who: str
    is_pending: bool
    number: str

    @property
    def name(self) -> str:
        """The name of the credit, as much of it as there is."""
        return rules.credit_unit(self.amount, self.credit_type)


@dataclass(frozen=True)
class Topic:
    """So much of the agenda is about a topic that states or boards ask for."""

    name: str
    credits: Credits


@dataclass(frozen=True)
class Counting:
    """What a seminar will count for, for somebody of this profession who practises there."""

    profession: CertificationType | None
    state: str
    asked: dict[str, str]  # what of both stands in the address, for links that keep it
    notices: list[str]
    worth: list[Worth]  # all it is designated for
    mine: list[Worth]  # what this profession can claim of it
    topics: list[Topic]
    met: list[rules.Met]

    @property
    def is_participation(self) -> bool:
        """Whether this profession gets a certificate of participation in place of AMA PRA credit."""
        return self.has_ama and all(one.credit_type is not CreditType.AMA_PRA_1 for one in self.mine)

    @property
    def has_ama(self) -> bool:
        """Whether AMA PRA credit is designated, which a certificate of participation can state."""
        return any(one.credit_type is CreditType.AMA_PRA_1 for one in self.worth)

    @property
    def state_name(self) -> str:
        """Florida."""
        return STATES.get(self.state, "")

    @property
    def professions(self) -> list[CertificationType]:
        """Everything one can be."""
        return list(CERTIFICATION_TYPES.values())

    @property
    def states(self) -> list[tuple[str, str]]:
        """Everywhere one can practise, by name."""
        return sorted(STATES.items(), key=lambda pair: pair[1])


def counting(
    seminar: Seminar, asked: Mapping[str, str], *, certification: CertificationType | None, residents: bool
) -> Counting:
    """Read profession and state from an address, or take the profession of whoever is signed in; odd ones are named."""
    notices = []
    code, state = asked.get("profession", "").strip(), asked.get("state", "").strip().upper()
    if code and code not in CERTIFICATION_TYPES:
        notices.append(f"“{printable(code, 40)}” is not a profession on our list.")
        code = ""
    if state and state not in STATES:
        notices.append(f"“{printable(state, 40)}” is not a state of the United States.")
        state = ""
    profession = CERTIFICATION_TYPES.get(code, certification)
    worth = _worth(seminar)
    known = {one.credit_type: one for one in worth}
    can_claim = eligible_types(profession, list(known), residents=residents) if profession else ()
    minutes = rules.topic_minutes(seminar.sessions)
    most = max((one.amount for one in worth), default=rules.designated_maximum(seminar.sessions))
    return Counting(
        profession=profession,
        state=state,
        asked={key: value for key, value in (("profession", code), ("state", state)) if value},
        notices=notices,
        worth=worth,
        mine=[known[kind] for kind in can_claim if kind in known],
        topics=_topics(minutes, most),
        met=[met for met in rules.meets(minutes, most) if _concerns(met.mandate, profession, state)],
    )


def _worth(seminar: Seminar) -> list[Worth]:
    kinds: list[CreditType] = [kind for kind in CreditType if kind is not CreditType.PARTICIPATION]
    found = [one for one in seminar.designations if one.credit_type in set(kinds) and one.maximum]
    return [_one(each) for each in sorted(found, key=lambda each: kinds.index(CreditType(each.credit_type)))]


def _one(found: Designation) -> Worth:
    kind = CreditType(found.credit_type)
    return Worth(kind, found.credits, rules.claimants(kind), found.is_pending, found.approval_number)


def _topics(minutes: Mapping[str, int], most: Credits) -> list[Topic]:
    amounts = [(rules.topic_name(code), min(rules.credit_for(spent), most)) for code, spent in minutes.items()]
    return [Topic(name, amount) for name, amount in amounts if amount]


def _concerns(mandate: rules.Mandate, profession: CertificationType | None, state: str) -> bool:
    if mandate.state and mandate.state != state:
        return False
    if profession is None:
        return True
    return profession.code in (OF_THE_MEDICAL_BOARD if mandate.state else PRESCRIBERS)
