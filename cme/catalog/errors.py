"""What the catalog refuses, and why."""

from collections.abc import Iterable
from typing import Any

from cme.errors import Refusal


class NotReady(Refusal):
    """Something is lacking that learners must be told, or that the accreditor asks for."""

    message = "The seminar cannot be published yet."

    def __init__(self, findings: Iterable[Any], message: str | None = None) -> None:
        super().__init__(message)
        self.findings = list(findings)


class WouldNotBeReady(NotReady):
    """A change would take something from a published seminar that it could not be published without."""

    message = "The seminar is published, so what it was published with must stay complete. Nothing was saved."


class SlugTaken(Refusal):
    """Another seminar has the web address."""

    message = "This web address belongs to another seminar. Enter a different one."


class DatesReversed(Refusal):
    """The seminar would end before it begins."""

    message = "The last day must not be before the first."


class SkippedTime(Refusal):
    """A session would begin or end at a time no clock shows."""

    message = "A session begins or ends at a time that the clocks skip that day."


class MaximumRaised(Refusal):
    """Credit is designated before an activity begins, never afterwards."""

    message = "The seminar has started: the maximum credit can no longer rise."


class StartMoved(Refusal):
    """What has begun cannot begin later."""

    message = "The seminar has started: its beginning can no longer be moved into the future."


class OfferingInUse(Refusal):
    """Somebody registered for this way of attending."""

    message = "Someone registered for this way of attending, so it cannot be removed. Close it instead."


class SessionInUse(Refusal):
    """Somebody's attendance at this session was recorded."""

    message = "Attendance was recorded for this session, so it cannot be removed."


class HasRegistrations(Refusal):
    """Somebody holds a seat."""

    message = "People hold seats or are registered, so the seminar cannot be withdrawn. Move or cancel them first."


class NotPublished(Refusal):
    """There is nothing to withdraw."""

    message = "Only a published seminar can be withdrawn."


class NotAnnounced(Refusal):
    """Nobody was told of a seminar, so there is nothing to call off."""

    message = "Only a published seminar can be cancelled. A draft can stay what it is, or be withdrawn."


class HasBegun(Refusal):
    """What has begun took place, at least in part."""

    message = "The seminar has begun, so it cannot be cancelled as a whole. Settle it with each person."


class ReasonMissing(Refusal):
    """Nobody said why."""

    message = "Enter the reason: everybody who registered reads it."


class WasCancelled(Refusal):
    """A cancelled seminar stays cancelled: learners were told so."""

    message = "The seminar was cancelled and learners were told so. Create a new one instead."


class NotHandedOut(Refusal):
    """A file that we do not hand out."""

    message = "This file cannot be handed out."


class HandoutsTooLarge(Refusal):
    """A seminar's handouts together have a limit, too."""

    message = "The handouts of one seminar may be 100 MB together. Remove one first, or send a smaller file."


class SentTwice(Refusal):
    """The form was sent before; its first sending counts."""

    message = "This form was sent before."


class ArticleNotReady(NotReady):
    """Something is lacking that readers look for."""

    message = "The article cannot be published yet."


class ArticleWouldNotBeReady(NotReady):
    """A change would take something from a published article that it could not be published without."""

    message = "The article is published, so what it was published with must stay complete. Nothing was saved."


class ArticleSlugTaken(SlugTaken):
    """Another article has the web address."""

    message = "This web address belongs to another article. Enter a different one."


class CategoryTaken(Refusal):
    """Two people named the same new category at once."""

    message = "Someone else just added this category. Choose it from the list."
