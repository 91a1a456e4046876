// Every grant, by openid-client, against the issuer given as argument. COOKIE signs the browser in.
import * as client from "openid-client";

const [issuer, secret, approveUrl] = process.argv.slice(2);
const options = { execute: [client.allowInsecureRequests] };
const discover = (id, authentication) =>
  client.discovery(new URL(issuer), id, undefined, authentication ?? client.None(), {
    ...options,
    algorithm: "oauth2",
  });
const claims = (token) => {
  const { sub, client_id, roles } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  return { sub, client_id, roles };
};
const answer = {};

// Authorization code with PKCE, then refresh, then revocation.
const mobile = await discover("mobile");
const verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const redirect = "http://127.0.0.1:51004/callback";
const start = client.buildAuthorizationUrl(mobile, {
  redirect_uri: redirect,
  state,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
});
const page = await fetch(start, { redirect: "manual", headers: { cookie: process.env.COOKIE } });
const back = new URL(page.headers.get("location"));
const tokens = await client.authorizationCodeGrant(mobile, back, {
  pkceCodeVerifier: verifier,
  expectedState: state,
});
answer.code = claims(tokens.access_token);
const renewed = await client.refreshTokenGrant(mobile, tokens.refresh_token);
answer.refresh = claims(renewed.access_token);
await client.tokenRevocation(mobile, renewed.refresh_token, { token_type_hint: "refresh_token" });
answer.revoked = await client.refreshTokenGrant(mobile, renewed.refresh_token).catch((error) => error.error);

// Client credentials, by both methods; the client id has a colon in it.
for (const [name, method] of [["basic", client.ClientSecretBasic], ["post", client.ClientSecretPost]]) {
  const service = await discover("department-civil-affairs", method(secret));
  answer[name] = claims((await client.clientCredentialsGrant(service)).access_token);
}

// Device grant; the phone confirms by the address that the test serves.
const television = await discover("tv");
const device = await client.initiateDeviceAuthorization(television, {});
await fetch(`${approveUrl}?user_code=${device.user_code}`);
const polled = await client.pollDeviceAuthorizationGrant(television, { ...device, interval: 0.1 });
answer.device = claims(polled.access_token);

console.log(JSON.stringify(answer));
