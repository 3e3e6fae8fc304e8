import sys

from authlib.integrations.requests_client import OAuth1Session

base, key, secret, callback, odd, tag, place = sys.argv[1:]
session = OAuth1Session(key, secret, redirect_uri=callback, signature_type=place)
session.fetch_request_token(f"{base}/v1/oauth/request_token/?scope=photos")
print(session.create_authorization_url(f"{base}/v1/oauth/authorize/"), flush=True)
verifier = sys.stdin.readline().strip()
session.fetch_access_token(f"{base}/v1/oauth/access_token/", verifier)
photos = f"{base}/v1/oauth/photos/"
print(session.get(photos).text)
print(session.get(photos, params={"query": odd}).text)
print(session.post(photos, {"query": tag}).text)
print(session.post(f"{base}/v1/oauth/user/").text)
