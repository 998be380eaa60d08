"""Verifies webhooks with the official library, which knows shared secrets only,
and with `cryptography` where the key is a public one.

Each line of the input is {"id", "timestamp", "signature", "body", "keys"}. Every
key must verify it, and none of the forgeries that are made of it. Prints how many
were verified and how many refused.
"""

import base64
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def official(key, hook):
    headers = {f"webhook-{name}": hook[name] for name in ("id", "timestamp", "signature")}
    try:
        Webhook(key).verify(hook["body"], headers, json_parse=False)
        return True
    except WebhookVerificationError:
        return False


def public(key, hook):
    verifier = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.removeprefix("whpk_")))
    content = f"{hook['id']}.{hook['timestamp']}.{hook['body']}".encode()
    for signature in hook["signature"].split(" "):
        version, signature = signature.split(",")
        if version != "v1a":
            continue
        try:
            verifier.verify(base64.b64decode(signature), content)
            return True
        except InvalidSignature:
            pass
    return False


def forgeries(hook):
    body = hook["body"]
    middle = len(body) // 2
    changed = "x" if body[middle] != "x" else "y"
    yield {**hook, "body": body[:middle] + changed + body[middle + 1 :]}
    yield {**hook, "body": body + " "}
    yield {**hook, "id": hook["id"] + "0"}
    yield {**hook, "timestamp": str(int(hook["timestamp"]) + 1)}


verified = refused = 0
for line in sys.stdin:
    hook = json.loads(line)
    for key in hook["keys"]:
        verify = public if key.startswith("whpk_") else official
        assert verify(key, hook), f"{key} does not verify {hook}"
        verified += 1
        for forgery in forgeries(hook):
            assert not verify(key, forgery), f"{key} verifies {forgery}"
            refused += 1
print(json.dumps([verified, refused]))
