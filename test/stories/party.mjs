// SPDX-License-Identifier: Apache-2.0
// A relying party that isn't ours: oauth4webapi asks the national node in the province's name, by
// what the discovery document says. It pushes its request (RFC 9126), shows its own key wherever it
// asks (DPoP, RFC 9449), judges the answers and the id_token itself, and tries what must not work.
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as oauth from 'oauth4webapi';
import { check, equal } from './lib.mjs';

const [NATIONAL, PROVINCE] = [0, 1];
const plain = { [oauth.allowInsecureRequests]: true }; // on loopback
const EC = { name: 'ECDSA', namedCurve: 'P-256' };

async function introduced(urls, dir) {
  const issuer = new URL(urls[NATIONAL]);
  const as = await oauth.processDiscoveryResponse(issuer,
    await oauth.discoveryRequest(issuer, plain));
  const { keys: [{ kid }] } = await (await fetch(`${urls[PROVINCE]}/oidc/jwks`)).json();
  const pem = createPrivateKey(readFileSync(path.join(dir, 'h57/keys/sign.key')));
  const key = await crypto.subtle.importKey('pkcs8',
    pem.export({ type: 'pkcs8', format: 'der' }), EC, false, ['sign']);
  const proof = oauth.PrivateKeyJwt({ key, kid });
  const forToken = oauth.PrivateKeyJwt({ key, kid },
    { [oauth.modifyAssertion]: (head, payload) => { payload.aud = as.token_endpoint; } });
  const client = { client_id: 'H57' };
  check(as.dpop_signing_alg_values_supported.includes('ES256'), 'DPoP is announced');
  const holder = async () => ({ ...plain,
    DPoP: oauth.DPoP(client, await oauth.generateKeyPair('ES256')) });
  return { as, client, proof, forToken, mine: await holder(), others: await holder(),
    back: `${urls[PROVINCE]}/dang-nhap/tro-lai` };
}

async function pushed({ as, client, proof, back, mine }, more = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const asked = { state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce() };
  const answer = await oauth.pushedAuthorizationRequest(as, client, proof, {
    response_type: 'code', scope: 'openid', redirect_uri: back, ...asked,
    code_challenge_method: 'S256',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), ...more }, mine);
  const told = await oauth.processPushedAuthorizationResponse(as, client, answer);
  check(told.expires_in <= 90, `a request waits ${told.expires_in} s`);
  const to = new URL(as.authorization_endpoint);
  to.searchParams.set('client_id', client.client_id);
  to.searchParams.set('request_uri', told.request_uri);
  return { ...asked, verifier, to: to.href };
}

/** by: a client that is signed in at the provider as who agreed. Gives what opens the token again,
 *  and tells the status. */
export async function asks({ urls, by, dir }) {
  const me = await introduced(urls, dir);
  const { as, client, forToken, back, mine, others } = me;
  check(as.require_pushed_authorization_requests, 'every client must push, and it is said');
  const q = await pushed(me);
  const asked = await by.get(q.to);
  equal(asked.status, 303, `authorize: ${asked.text.slice(0, 900)}`);
  equal((await by.get(q.to)).status, 400, 'the same request a second time');
  const another = await pushed(me);
  equal((await by.get(another.to.replace('client_id=H57', 'client_id=G24'))).status, 400,
    'the request of another client');
  const bare = new URLSearchParams({ client_id: 'H57', redirect_uri: back, state: q.state,
    response_type: 'code', scope: 'openid', nonce: q.nonce, code_challenge_method: 'S256',
    code_challenge: await oauth.calculatePKCECodeChallenge(q.verifier) });
  equal((await by.get(`${as.authorization_endpoint}?${bare}`)).status, 400, 'one not pushed');
  let refused = '';
  await pushed(me, { redirect_uri: 'https://evil.example/' }).catch((e) => { refused = e.error; });
  equal(refused, 'invalid_request', 'an address that is not registered');
  const params = oauth.validateAuthResponse(as, client,
    new URL(asked.headers.get('location')), q.state);
  const given = await oauth.authorizationCodeGrantRequest(as, client, forToken, params, back,
    q.verifier, mine);
  const token = await oauth.processAuthorizationCodeResponse(as, client, given,
    { expectedNonce: q.nonce, requireIdToken: true });
  await oauth.validateApplicationLevelSignature(as, given, plain);
  const { sub } = oauth.getValidatedIdTokenClaims(token);
  equal(token.token_type, 'dpop', 'the token is its key\'s');
  const open = (how) => oauth.userInfoRequest(as, client, token.access_token, how);
  const info = await oauth.processUserInfoResponse(as, client, sub, await open(mine));
  check(/^\d{12}$/.test(info.vn_pin), 'the personal number');
  equal((await open(others)).status, 401, 'by another key');
  equal((await open(plain)).status, 401, 'by whoever bears it');
  const third = await pushed(me);
  const stolen = oauth.validateAuthResponse(as, client,
    new URL((await by.get(third.to)).headers.get('location')), third.state);
  const taken = await oauth.authorizationCodeGrantRequest(as, client, forToken, stolen, back,
    third.verifier, others);
  equal((await taken.json()).error, 'invalid_grant', 'a code by another key than pushed for it');
  return async () => (await open(mine)).status;
}
