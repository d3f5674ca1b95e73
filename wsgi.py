"""Where the settings and the outside world meet the application."""

import gc

from werkzeug.middleware.proxy_fix import ProxyFix

from cme import create_app
from cme.gateways import real_gateways
from config import Config

config = Config.from_env()
app = create_app(config, real_gateways(config))
if config.is_deployed:
    # The proxy's own entry is the last one; earlier ones are whatever the caller claims.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)
# What the start made stays: searching it for rubbish would hold up a page for a tenth of a second now and then.
gc.collect()
gc.freeze()
