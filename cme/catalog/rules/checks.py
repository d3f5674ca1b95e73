"""Everything that can keep a seminar from being published: each by its name, the field to mend and what to do there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something a seminar lacks before it can be published: the field to mend, what to do there, and its name."""

    field: str
    message: str
    name: str = ""


AMA = "AMA PRA Category 1 Credit(s)™"
CHECKS = {
    # What it is, when and where
    "title-missing": ("title", "Enter the title"),
    "address-malformed": ("slug", "Enter the address: small letters, digits and single hyphens"),
    "zone-unknown": ("time_zone", "Select the time zone"),
    "dates-missing": ("starts_on", "Enter the first and the last day"),
    "dates-reversed": ("ends_on", "The last day must not be before the first"),
    "designated-after-start": (
        "starts_on",
        "The seminar has started: credit must be designated before the activity begins",
    ),
    "designated-after-release": (
        "terminates_on",
        "The activity was released on {day}: credit must be designated before. Enter the day it will be released, or "
        "of a review to come",
    ),
    "place-missing": ("venue", "Enter the venue and the city people travel to"),
    "objectives-missing": ("objectives", "Enter at least one learning objective"),
    "audience-missing": ("audience", "Enter who the seminar is for"),
    "format-missing": ("learning_format", "Select a learning format of the AMA's list"),
    "joint-providers-missing": ("joint_providers", "Name every joint provider"),
    "joint-provider-ineligible": (
        "joint_providers",
        "{name} is a company that supports the activity or has a stake in it: it cannot be a joint provider",
    ),
    "joint-providership-unsaid": (
        "joint_providers",
        "Joint providers are named, but the activity is provided directly: select joint providership, or take them out",
    ),
    # On demand
    "enduring-dates-missing": ("terminates_on", "Enter the release date and the termination date"),
    "enduring-dates-reversed": ("terminates_on", "Release, review and termination must follow each other"),
    "enduring-over": ("terminates_on", "The activity has terminated: review it, and enter a new termination date"),
    "enduring-too-long": ("terminates_on", "The termination date must be within three years of release or review"),
    "pass-mark-missing": ("pass_mark", "Enter the pass mark of the assessment: learners are told before they start"),
    "method-missing": ("method", "Enter how learners take part: they are told before they start"),
    "estimated-time-missing": ("estimated_minutes", "Enter the estimated time to complete the activity"),
    "bibliography-missing": ("bibliography", "Enter the bibliography learners have access to"),
    "assessment-missing": ("assessment", "Write the questions of the assessment: credit on demand depends on it"),
    "assessment-too-small": ("assessment", "The assessment asks {asks} questions, the bank has {bank}"),
    "threshold-without-assessment": (
        "assessment",
        "{unit} are given from {percent} % on: write the questions of the assessment, or take the threshold out",
    ),
    # Agenda
    "sessions-missing": ("sessions", "Add at least one session of instruction to the agenda"),
    "agenda-fault": ("sessions", "{fault}"),
    "session-for-nobody": ("sessions", "“{title}” is for {way}, which is not offered"),
    "nothing-to-attend": ("sessions", "{way} is offered, but no session of instruction can be attended that way"),
    "teacher-unlisted": ("people", "{name} teaches “{title}”: add them to the faculty"),
    # AMA PRA credit
    "maximum-missing": ("maximum", f"Enter the number of {AMA} designated"),
    "maximum-not-in-quarters": ("maximum", f"{AMA} are designated in steps of 0.25"),
    "maximum-differs-from-agenda": (
        "maximum",
        f"The agenda supports {{supported}} {AMA}, designated are {{designated}}: make them the same",
    ),
    "maximum-differs-from-estimated-time": (
        "maximum",
        f"The estimated time supports {{supported}} {AMA}, designated are {{designated}}: make them the same",
    ),
    "ama-pending": ("maximum", "AMA PRA credit is never pending or applied for: take these words out"),
    # Every other credit
    "designation-empty": ("designations", "Enter the number of {unit}, or take the designation out"),
    "step-unknown": ("designations", "{unit} are designated in steps of {steps}"),
    "pending-not-allowed": ("designations", "{unit} cannot be announced while they are pending: take them out"),
    "above-agenda": ("designations", "The agenda supports {supported} {unit}, designated are {designated}"),
    "above-ama": ("designations", f"{{unit}} cannot be more than the {AMA} designated ({{ama}})"),
    "depends-on-ama": ("designations", f"{{unit}} depend on {AMA}: designate these first"),
    "approval-missing": ("designations", "Enter {what} of the approval for {unit}{or_pending}"),
    "approval-outside-dates": ("designations", "The approval for {unit} does not cover the dates of the activity"),
    "aafp-joint": ("designations", "The AAFP approves no activity in joint providership: take {unit} out"),
    "aanp-pharmacology-above-total": (
        "designations",
        "Pharmacology is part of the AANP contact hours: enter no more than {total}",
    ),
    "aanp-pharmacology-above-agenda": (
        "designations",
        "The agenda has {supported} hours of pharmacology for the AANP, not {claimed}: set the minutes of its sessions",
    ),
    "ancc-approver-missing": ("designations", "Name who accredited or approved the ANCC contact hours"),
    "acpe-uan-missing": ("designations", "Enter the Universal Activity Number for each audience of the ACPE credit"),
    "acpe-uan-malformed": (
        "designations",
        "{uan} is no Universal Activity Number like 0123-0000-27-001-L01-P: provider, joint provider, year, sequence, "
        "format and topic, audience",
    ),
    "acpe-uan-mismatch": ("designations", "{uan} is for {says}, and should be for {should}"),
    "acpe-type-missing": ("designations", "Select the ACPE activity type: {kinds}"),
    "moc-without-evaluation": ("designations", "{unit} need an evaluation of the learner: require the evaluation"),
    "moc-kind-missing": ("designations", "Select the kind of the {unit}: {kinds}"),
    "aoa-not-live": ("designations", "AOA Category 2-A credit is for live activities: take it out"),
    # Independence
    "director-missing": ("people", "Name a course director"),
    "disclosure-missing": ("people", "The disclosure of {name} is missing"),
    "disclosure-expired": ("people", "The disclosure of {name} has expired"),
    "relevance-undecided": ("people", "Decide whether the relationship of {name} with {company} is relevant"),
    "nature-missing": ("people", "Enter the nature of the relationship of {name} with {company}"),
    "mitigation-missing": ("people", "Mitigate the relationship of {name} with {company}"),
    "mitigation-to-come": (
        "people",
        "The relationship of {name} with {company} is mitigated on a day to come: learners are told that it has been",
    ),
    "logo-or-trade-name-in-disclosure": (
        "people",
        "Name the company alone in the disclosure of {name}: no logo, trade name or link",
    ),
    "support-undecided": ("commercial_support", "Name the commercial support, or say that there is none"),
    "support-source-missing": ("commercial_support", "Name the source of each commercial support"),
    "logo-or-trade-name-in-support": (
        "commercial_support",
        "Name the source of commercial support alone: no logo, trade name or link",
    ),
    # Ways to attend
    "offerings-missing": ("offerings", "Add at least one way to attend"),
    "way-and-format-differ": ("learning_format", "{way} does not go with “{learning_format}”: part them"),
    "seats-missing": ("offerings", "{way}: enter the number of seats"),
    "tuition-missing": ("tiers", "{way}: enter the tuition for {tier}"),
    "currency-unknown": ("tiers", "{where}: {currency} cannot be charged here"),
    "tuition-too-small": ("tiers", "{where}: tuition is free, or at least {least}"),
    "early-rate-higher": ("tiers", "{where}: the early rate must not be higher than the full one"),
    "early-rate-too-late": ("tiers", "{where}: the early rate must end before the first day"),
    # Words
    "credit-misnamed": ("description", f"Write the credit's full name: {AMA}"),
    "trademark-missing": ("description", f"Write {AMA} with its trademark sign"),
    "category-2-designated": (
        "description",
        "Physicians claim AMA PRA Category 2 credit themselves; a provider never offers it: take these words out",
    ),
    "more-credit-in-words": ("description", "{said} {unit} are announced, {designated} are designated"),
    "format-differs-in-words": ("description", "The statement must name the format selected: “{learning_format}”"),
    "credit-not-designated": (
        "description",
        "{organization} credit is announced, and the seminar is not designated for it",
    ),
}


def found(name: str, field: str | None = None, /, **words: object) -> Finding:
    """A finding by its name, with what it says filled in; some stand at another field than usual."""
    usual, message = CHECKS[name]
    return Finding(field or usual, message.format(**words), name)
