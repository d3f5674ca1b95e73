"""What people enter to register and to pay, and what staff mark."""

from cme.registration.forms.desk import AttendanceForm
from cme.registration.forms.paying import CheckoutForm, GiveUpForm
from cme.registration.forms.registering import RegisterForm, RegisterWithDetailsForm

__all__ = ["AttendanceForm", "CheckoutForm", "GiveUpForm", "RegisterForm", "RegisterWithDetailsForm"]
