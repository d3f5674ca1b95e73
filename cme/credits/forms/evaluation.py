"""What learners say of a seminar."""

from typing import Any

from wtforms import Field, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError

from cme.forms import CreatingForm, PageField

SCALE = [SelectChoice(str(n), str(n)) for n in range(1, 6)]


LONGEST_ANSWER = 2000


class EvaluationForm(CreatingForm):
    """How was it?"""

    objectives_met = RadioField(
        "The seminar met its stated objectives",
        [InputRequired("Select how far the objectives were met")],
        choices=SCALE,
    )
    relevant = RadioField(
        "The content was useful in my practice", [InputRequired("Select how useful the content was")], choices=SCALE
    )
    overall = RadioField(
        "Overall, I would recommend this seminar", [InputRequired("Select your overall rating")], choices=SCALE
    )
    free_of_bias = RadioField(
        "Was the content balanced and free of commercial bias?",
        [InputRequired("Select whether the content was free of commercial bias")],
        choices=[SelectChoice("yes", "Yes"), SelectChoice("no", "No")],
    )
    bias_noticed = PageField("If not, what did you notice?", most=LONGEST_ANSWER)
    will_change = PageField("What will you change in practice?", [Optional()], most=LONGEST_ANSWER)

    def validate_bias_noticed(self, field: Field) -> None:
        """A bias that nobody describes cannot be mended."""
        if self.free_of_bias.data == "no" and not field.data:
            raise ValidationError("Describe the commercial bias you noticed")

    @property
    def answers(self) -> dict[str, Any]:
        """What was said, for keeping."""
        return {
            "objectives_met": int(self.objectives_met.data),
            "relevant": int(self.relevant.data),
            "overall": int(self.overall.data),
            "free_of_bias": self.free_of_bias.data == "yes",
            "bias_noticed": self.bias_noticed.data or "",
            "will_change": self.will_change.data or "",
        }
