# Perl's Net::OAuth creates and signs messages; LWP sends them.
use strict;
use warnings;
use HTTP::Request;
use LWP::UserAgent;
use Net::OAuth;
use URI::Escape qw(uri_escape_utf8);
use Encode qw(decode_utf8);

$Net::OAuth::PROTOCOL_VERSION = Net::OAuth::PROTOCOL_VERSION_1_0A;
$| = 1;
my ($base, $key, $secret, $callback, $odd, $tag, $place) = map { decode_utf8($_) } @ARGV;
my $browser = LWP::UserAgent->new(max_redirect => 0);
my $counter = 0;

sub call {
    my ($kind, $method, $path, $form, %fields) = @_;
    my $request = Net::OAuth->request($kind)->new(
        consumer_key => $key, consumer_secret => $secret, request_url => "$base$path",
        request_method => $method, signature_method => 'HMAC-SHA1', timestamp => time,
        nonce => $$ . '-' . ++$counter, extra_params => $form, %fields,
    );
    $request->sign;
    my $http;
    if ($place eq 'header') {
        my $data = join '&', map { "$_=" . uri_escape_utf8($form->{$_}) } keys %$form;
        my $url = "$base$path" . ($method eq 'GET' && $data ? "?$data" : '');
        $http = HTTP::Request->new($method => $url, [Authorization => $request->to_authorization_header('a, b')]);
        $http->content($data) if $method eq 'POST';
    } elsif ($method eq 'GET') {
        $http = HTTP::Request->new(GET => $request->to_url);
    } else {
        $http = HTTP::Request->new(POST => "$base$path");
        $http->content($request->to_post_body);
    }
    $http->content_type('application/x-www-form-urlencoded') if $method eq 'POST';
    return $browser->request($http)->content;
}

my $response = Net::OAuth->response('request token')->from_post_body(
    call('request token', 'POST', '/v1/oauth/request_token/', {scope => 'photos'}, callback => $callback));
print "$base/v1/oauth/authorize/?oauth_token=", $response->token, "\n";
chomp(my $verifier = <STDIN>);
my $granted = Net::OAuth->response('access token')->from_post_body(
    call('access token', 'POST', '/v1/oauth/access_token/', {}, token => $response->token,
        token_secret => $response->token_secret, verifier => $verifier));
my %token = (token => $granted->token, token_secret => $granted->token_secret);
my $path = '/v1/oauth/photos/';
print call('protected resource', 'GET', $path, {}, %token), "\n";
print call('protected resource', 'GET', $path, {query => $odd}, %token), "\n";
print call('protected resource', 'POST', $path, {query => $tag}, %token), "\n";
print call('protected resource', 'POST', '/v1/oauth/user/', {}, %token), "\n";
