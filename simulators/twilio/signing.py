"""``X-Twilio-Signature`` as Twilio makes it."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def signed(auth_token: str, url: str, form: Mapping[str, str]) -> str:
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()
