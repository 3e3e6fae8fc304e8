# django-allauth sends oauth_callback and oauth_verifier in the query string.
import sys
from urllib.parse import urlencode

import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
    ],
    MIDDLEWARE=["allauth.account.middleware.AccountMiddleware"],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    SECRET_KEY="insecure",
)
django.setup()

from allauth.socialaccount.providers.oauth.client import OAuth, OAuthClient  # noqa: E402
from django.contrib.sessions.backends.signed_cookies import SessionStore  # noqa: E402
from django.test import RequestFactory  # noqa: E402

base, key, secret, callback, odd, tag = sys.argv[1:]
url = f"{base}/v1/oauth/{{}}/".format


def make_client(request):
    urls = url("request_token"), url("access_token"), callback
    return OAuthClient(request, key, secret, *urls, parameters={"scope": "photos"})


request = RequestFactory().get("/")
request.session = SessionStore()
print(make_client(request).get_redirect(url("authorize"), {}).url, flush=True)
callback_request = RequestFactory().get("/", {"oauth_verifier": sys.stdin.readline().strip()})
callback_request.session = request.session
client = make_client(callback_request)
client.get_access_token()
api = OAuth(callback_request, key, secret, url("request_token"))
print(api.query(url("photos")).text)
print(api.query(url("photos") + "?" + urlencode({"query": odd})).text)
print(api.query(url("photos"), "POST", params={"query": tag}).text)
print(api.query(url("user"), "POST").text)
