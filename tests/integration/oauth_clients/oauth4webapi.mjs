// npm package "oauth4webapi": discovery, flow with PKCE, validation of the issuer, content, refresh, revocation.
import * as oauth from "oauth4webapi";
import readline from "node:readline";

const [base, key, secret, callback] = process.argv.slice(2);
const options = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(base);
const server = await oauth.processDiscoveryResponse(
  issuer, await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...options }));
const client = { client_id: key };
const authentication = oauth.ClientSecretPost(secret);

const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const url = new URL(server.authorization_endpoint);
const parameters = {
  client_id: key,
  redirect_uri: callback,
  response_type: "code",
  scope: "photos",
  state,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
};
for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
console.log(url.href);

const response = await new Promise((resolve) => readline.createInterface(process.stdin).once("line", resolve));
const answer = oauth.validateAuthResponse(server, client, new URL(response), state);
let tokens = await oauth.processAuthorizationCodeResponse(
  server, client,
  await oauth.authorizationCodeGrantRequest(server, client, authentication, answer, callback, verifier, options));

async function call(path, form) {
  const body = form && new URLSearchParams(form);
  const headers = new Headers(form && { "Content-Type": "application/x-www-form-urlencoded" });
  const result = await oauth.protectedResourceRequest(
    tokens.access_token, form ? "POST" : "GET", new URL(`${base}/v2/${path}/`), headers, body, options
  ).catch((error) => error.response);
  console.log(JSON.stringify(await result.json()));
}

await call("content/photos");
await call("content/photos", { query: JSON.stringify({ "tags-required": ["SNOW"] }) });
tokens = await oauth.processRefreshTokenResponse(
  server, client, await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token, options));
await call("user");
await oauth.processRevocationResponse(
  await oauth.revocationRequest(server, client, authentication, tokens.refresh_token, options));
await call("user");
process.exit(0);
