// SPDX-License-Identifier: Apache-2.0
// Passkeys in Chromium, with the virtual authenticator of its developer tools: added, used instead
// of the password, beside it and before a grave act, its recovery codes renewed; a copy refused,
// no finger told, taken away.
import { PASSWORD, check, equal, signIn } from './lib.mjs';

const PAGE = '/tai-khoan/khoa-truy-cap';

async function authenticator(page) {
  const tools = await page.context().newCDPSession(page);
  await tools.send('WebAuthn.enable');
  const { authenticatorId } = await tools.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true } });
  return (method, more = {}) => tools.send(`WebAuthn.${method}`, { authenticatorId, ...more });
}

async function touch(page, purpose) {
  const gone = page.waitForNavigation();
  await page.click(`button[data-purpose="${purpose}"]`);
  await gone;
}

async function leave(page, url) {
  await page.goto(`${url}/tai-khoan`);
  const gone = page.waitForNavigation();
  await page.click('main form[action="/dang-xuat"] button');
  await gone;
  await page.goto(`${url}/dang-nhap`);
}

async function isIn(page, url, how) {
  check(!page.url().includes('/dang-nhap'), `in ${how}, at ${page.url()}`);
  await page.goto(`${url}/tai-khoan`);
  equal(new URL(page.url()).pathname, '/tai-khoan', `in ${how}`);
}

async function added(page, url, seen) {
  await page.goto(`${url}${PAGE}`);
  await seen('none');
  await page.fill('input[name="name"]', 'Máy tính ở cơ quan');
  await touch(page, 'add');
  equal(await page.locator('.dinh-code').count(), 10, 'recovery codes for the first');
  await otherCodes(page, url, seen);
  await page.goto(`${url}${PAGE}`);
  check((await page.locator('main').innerText()).includes('Máy tính ở cơ quan'), 'it is shown');
  await seen('one');
}

async function otherCodes(page, url, seen) {
  const first = await page.locator('.dinh-code').allInnerTexts();
  await page.goto(`${url}${PAGE}`);
  const gone = page.waitForNavigation();
  await page.click(`form[action="${PAGE}/ma-du-phong"] button`);
  await gone;
  const codes = await page.locator('.dinh-code').allInnerTexts();
  equal(codes.length, 10, 'new recovery codes');
  check(!codes.some((code) => first.includes(code)), 'other ones');
  check(await page.locator('button[data-print]').isVisible(), 'to be printed');
  await seen('codes');
}

async function besideThePassword(page, url, user, seen) {
  await page.fill('input[name="username"]', user);
  await page.fill('input[name="password"]', PASSWORD);
  const gone = page.waitForNavigation();
  await page.click('form[action="/dang-nhap"] button[type="submit"]');
  await gone;
  equal(new URL(page.url()).pathname, '/dang-nhap/ma', 'the password alone is not enough');
  await seen('second');
  await touch(page, 'second');
  await isIn(page, url, 'by both');
}

/** The same key with an older counter, as a copy of the device would have. */
async function copied(page, device, seen) {
  const { credentials: [key] } = await device('getCredentials');
  await device('removeCredential', { credentialId: key.credentialId });
  await device('addCredential', { credential: { ...key, signCount: 0 } });
  await touch(page, 'enter');
  check(await page.locator('.govuk-error-summary').count(), 'a copy is refused');
  await seen('copy');
  await device('removeCredential', { credentialId: key.credentialId });
  await device('addCredential', { credential: { ...key, signCount: key.signCount + 9 } });
}

async function noFinger(page, device, seen) {
  await device('setUserVerified', { isUserVerified: false });
  await page.click('button[data-purpose="enter"]');
  const said = page.locator('[data-passkey-state]:not(:empty)');
  await said.waitFor();
  await seen('failed');
  await device('setUserVerified', { isUserVerified: true });
}

/** `seen(name)` judges the page; `later()`: long enough for a proof to be asked for. */
export async function passkeys(page, url, user, { seen, later }) {
  const device = await authenticator(page);
  await signIn(page, url, user);
  await added(page, url, seen);
  await leave(page, url);
  await seen('enter');
  await noFinger(page, device, seen);
  await touch(page, 'enter');
  await isIn(page, url, 'by a passkey alone');
  await leave(page, url);
  await besideThePassword(page, url, user, seen);
  await leave(page, url);
  await copied(page, device, seen);
  await touch(page, 'enter');
  await isIn(page, url, 'by the device itself');
  await page.goto(`${url}/tai-khoan/thong-bao`);
  await seen('notices');
  later();
  await page.goto(`${url}${PAGE}`);
  const gone = page.waitForNavigation();
  await page.click(`form[action$="/bo"] button`);
  await gone;
  await seen('proof');
  await touch(page, 'prove');
  check(page.url().endsWith('?da-bo=1'), `taken away, at ${page.url()}`);
  await seen('removed');
}
