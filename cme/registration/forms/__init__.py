"""What people enter to register and to pay, and what staff mark."""

from cme.registration.forms.desk import AttendanceForm
from cme.registration.forms.paying import CheckoutForm, GiveUpForm
from cme.registration.forms.questions import AnswersForm, ConsentsForm, OrderForm, QuestionForm
from cme.registration.forms.registering import CodeForm, RegisterForm, RegisterWithDetailsForm

__all__ = [
    "AnswersForm",
    "AttendanceForm",
    "CheckoutForm",
    "CodeForm",
    "ConsentsForm",
    "GiveUpForm",
    "OrderForm",
    "QuestionForm",
    "RegisterForm",
    "RegisterWithDetailsForm",
]
