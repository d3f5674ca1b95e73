"""What others type to verify a certificate."""

from wtforms import FileField
from wtforms.validators import InputRequired

from cme.forms import Form, LineField


class VerifyForm(Form):
    """A certificate in somebody's hand."""

    number = LineField("Certificate number", [InputRequired("Enter the number printed on the certificate")], most=60)
    name = LineField("Name on the certificate", [InputRequired("Enter a name printed on the certificate")])


class VerifyFileForm(Form):
    """A certificate in somebody's folder."""

    file = FileField("Certificate as PDF", render_kw={"accept": "application/pdf,.pdf"})
