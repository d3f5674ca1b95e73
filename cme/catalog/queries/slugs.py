"""What a slug may look like before the database is asked for it."""

import re

SLUG = re.compile(r"[a-z0-9-]{1,120}")
