import sys

from rauth import OAuth1Service

base, key, secret, callback, odd, tag = sys.argv[1:]
service = OAuth1Service(
    key,
    secret,
    request_token_url=f"{base}/v1/oauth/request_token/",
    access_token_url=f"{base}/v1/oauth/access_token/",
    authorize_url=f"{base}/v1/oauth/authorize/",
)
parameters = {"oauth_callback": callback, "scope": "photos"}
token, token_secret = service.get_request_token(method="POST", data=parameters)
print(service.get_authorize_url(token), flush=True)
verifier = sys.stdin.readline().strip()
session = service.get_auth_session(
    token, token_secret, method="POST", data={"oauth_verifier": verifier}
)
photos = f"{base}/v1/oauth/photos/"
print(session.get(photos, params={}).text)  # rauth requires params or data
print(session.get(photos, params={"query": odd}).text)
print(session.post(photos, data={"query": tag}).text)
print(session.post(f"{base}/v1/oauth/user/", data={}).text)
