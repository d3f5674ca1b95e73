"""Where Stripe tells us what happened."""

from flask import abort, request

from cme import gateways
from cme.access import public
from cme.registration import webhook
from cme.registration.views.blueprint import bp


@bp.route("/webhooks/stripe", methods=["POST"])
@public
def stripe_webhook() -> tuple[str, int]:
    """Hear what Stripe has to tell; it signs instead of carrying a form's token."""
    if gateways.here().payments is None:
        abort(404)
    return webhook.receive(request, payments=gateways.stripe(), now=gateways.clock())
