"""What others type to verify a certificate."""

from wtforms.validators import InputRequired

from cme.forms import Form, LineField


class VerifyForm(Form):
    """A certificate in somebody's hand."""

    number = LineField("Certificate number", [InputRequired("Enter the number printed on the certificate")], most=60)
    name = LineField("Name on the certificate", [InputRequired("Enter a name printed on the certificate")])
