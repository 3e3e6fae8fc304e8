"""
Authlib's OAuth2Session: flow with PKCE, content, refresh, revocation.
"""

import json
import sys

from authlib.integrations.requests_client import OAuth2Session

base, key, secret, callback, *_ = sys.argv[1:]
session = OAuth2Session(
    key,
    secret,
    redirect_uri=callback,
    scope="photos",
    code_challenge_method="S256",
    token_endpoint_auth_method="client_secret_basic",
)
VERIFIER = "v" * 64
url, state = session.create_authorization_url(
    f"{base}/oauth2/authenticate/", code_verifier=VERIFIER
)
print(url, flush=True)
response = sys.stdin.readline().strip()
token_url = f"{base}/oauth2/access_token/"
session.fetch_token(token_url, authorization_response=response, state=state, code_verifier=VERIFIER)


def call(path: str, **form: str) -> None:
    print(json.dumps(session.post(f"{base}/v2/{path}/", data=form, timeout=20).json()))


call("content/photos")
call("content/photos", query=json.dumps({"tags-required": ["SNOW"]}))
old = session.token
new = session.refresh_token(token_url, refresh_token=old["refresh_token"])
assert new["access_token"] != old["access_token"]
call("user")
revoked = session.revoke_token(f"{base}/oauth2/revoke/", token=new["access_token"])
assert revoked.status_code == 200
call("user")
