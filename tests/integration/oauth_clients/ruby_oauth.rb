# gem "oauth". The scheme is header, query_string or body.
require "json"
require "oauth"

base, key, secret, callback, odd, tag, scheme = ARGV
consumer = OAuth::Consumer.new(
  key, secret, site: base, scheme: (scheme || "header").to_sym, signature_method: "HMAC-SHA1",
  request_token_path: "/v1/oauth/request_token/", access_token_path: "/v1/oauth/access_token/",
  authorize_path: "/v1/oauth/authorize/"
)
request_token = consumer.get_request_token({oauth_callback: callback}, scope: "photos")
puts request_token.authorize_url
$stdout.flush
token = request_token.get_access_token(oauth_verifier: $stdin.gets.strip)
path = "/v1/oauth/photos/"
puts token.get(path).body
puts token.get("#{path}?#{URI.encode_www_form(query: odd)}").body
puts token.post(path, {query: tag}).body
puts token.post("/v1/oauth/user/").body
