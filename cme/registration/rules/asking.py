"""What is asked of people who register: the usual questions of a seminar, and what they may consent to."""

from dataclasses import dataclass

LINE, TEXT, CHOICE, CHOICES, YES = KINDS = ("line", "text", "choice", "choices", "yes")
KIND_LABELS = {
    LINE: "One line",
    TEXT: "Several lines",
    CHOICE: "One of a list",
    CHOICES: "Any of a list",
    YES: "A box to tick",
}
WITH_OPTIONS = (CHOICE, CHOICES)
IN_PERSON_ONLY = ("in-person",)


@dataclass(frozen=True)
class Asked:
    """One question in the words people see."""

    kind: str
    label: str
    hint: str = ""
    options: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()  # none: whichever way somebody attends
    is_required: bool = False
    is_active: bool = True


USUAL = (
    Asked(
        CHOICE,
        "Meals",
        "For the meals that are part of the seminar.",
        ("No preference", "Vegetarian", "Vegan", "Gluten-free", "Kosher", "Halal"),
        IN_PERSON_ONLY,
    ),
    Asked(
        TEXT,
        "Do you need accommodation under the Americans with Disabilities Act, or have a food allergy?",
        "For example captions, step-free access, a sign-language interpreter. Only those who arrange it see this.",
    ),
    Asked(
        LINE,
        "Emergency contact",
        "Name and telephone number of somebody we can call while you are with us.",
        modes=IN_PERSON_ONLY,
    ),
)


@dataclass(frozen=True)
class ConsentAsked:
    """Something people may agree to, asked once; other words are another version, and asked again."""

    key: str
    version: int
    label: str  # for staff, in lists
    words: str


CONSENTS = (
    ConsentAsked(
        "attendee-list",
        1,
        "Attendee list",
        "Show my name and certification type on the list that others attending the same seminar receive.",
    ),
    ConsentAsked("news", 1, "News", "Send me news of coming seminars by email, a few times a year."),
)
