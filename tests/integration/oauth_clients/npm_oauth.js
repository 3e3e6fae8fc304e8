// npm package "oauth".
const http = require("http");
const { OAuth } = require("oauth");
const readline = require("readline");

http.globalAgent.keepAlive = false; // the client sends "Connection: close", and Django's server closes it

const [base, key, secret, callback, odd, tag] = process.argv.slice(2);
const url = (path) => `${base}/v1/oauth/${path}/`;
const client = new OAuth(url("request_token"), url("access_token"), key, secret, "1.0A", callback, "HMAC-SHA1");
const call = (method, ...values) =>
  new Promise((resolve, reject) =>
    client[method](...values, (error, ...results) => (error ? reject(error) : resolve(results))));

async function main() {
  const [token, tokenSecret] = await call("getOAuthRequestToken", { scope: "photos" });
  console.log(`${url("authorize")}?oauth_token=${token}`);
  const verifier = await new Promise((resolve) => readline.createInterface(process.stdin).once("line", resolve));
  const [access, accessSecret] = await call("getOAuthAccessToken", token, tokenSecret, verifier);
  const photos = url("photos");
  console.log((await call("get", photos, access, accessSecret))[0]);
  console.log((await call("get", `${photos}?query=${encodeURIComponent(odd)}`, access, accessSecret))[0]);
  console.log((await call("post", photos, access, accessSecret, { query: tag }, null))[0]);
  console.log((await call("post", url("user"), access, accessSecret, "", null))[0]);
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
