#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// In, out and one's own account in Debian's Chromium: in both languages, by keyboard alone, with
// scripts off. Every page is sound (lib.mjs). With DINH_SHOTS=DIR each is drawn, at both widths.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  PASSWORD, agree, browser, check, equal, nation, person, play, signIn, sound,
} from './lib.mjs';
import { passkeys } from './passkey.mjs';

const [NATIONAL, PROVINCE, INSURANCE] = [0, 1, 2];
const NEW_PASSWORD = 'cầu Trường Tiền sáu vài';
const SHOTS = process.env.DINH_SHOTS;

async function seen(page, name) {
  await page.waitForLoadState();
  if (page.scripts) await sound(page, name);
  if (SHOTS) {
    await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true });
  }
}

async function open(chrome, options = {}) {
  const page = await person(chrome, options);
  page.scripts = options.scripts !== false;
  return page;
}

async function press(page, form) {
  const gone = page.waitForNavigation();
  await page.click(`form[action="${form}"] button[type="submit"]`);
  await gone;
}

/** Goes on by Tab until the field of that name, or the element of that id, has the focus. */
async function tabTo(page, what) {
  for (let turn = 0; turn < 40; turn++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      return [e.getAttribute('name'), e.id, e.getAttribute('href'), e.getAttribute('type')];
    });
    if (at.includes(what)) return;
  }
  throw new Error(`${what} is not reached by Tab on ${page.url()}`);
}

async function wrong(page, url, user) {
  await page.goto(`${url}/dang-nhap`);
  await page.fill('input[name="username"]', user);
  await page.fill('input[name="password"]', 'không phải');
  await press(page, '/dang-nhap');
}

async function locked(page, url, user) {
  for (let turn = 0; turn < 10; turn++) await wrong(page, url, user);
  await wrong(page, url, user);
  return page.locator('.govuk-error-summary').innerText();
}

/** To the province: asked who may know, no, yes, not asked again; seen, taken back, asked anew. */
async function agrees(page, urls, name) {
  const [nation, province] = [urls[NATIONAL], urls[PROVINCE]];
  const asked = () => new URL(page.url()).pathname === '/dang-nhap/dong-y';
  await signIn(page, nation, 'me.lan');
  await page.goto(`${nation}/tai-khoan/cho-phep`);
  const held = page.locator('form[action="/tai-khoan/cho-phep"]'); // of a look before this one
  if (await held.count()) await press(page, '/tai-khoan/cho-phep');
  await page.goto(`${province}/dang-nhap/quoc-gia?next=/tai-khoan`);
  check(asked(), `a link alone signs nobody in, at ${page.url()}`);
  await seen(page, `consent-${name}`);
  await page.click('button[value="deny"]');
  await page.waitForURL(/dang-nhap\?tu-choi/);
  await seen(page, `consent-denied-${name}`);
  await page.goto(`${province}/dang-nhap/quoc-gia?next=/tai-khoan`);
  check(await agree(page) && page.url() === `${province}/tai-khoan`, `in, at ${page.url()}`);
  await page.goto(`${nation}/tai-khoan/cho-phep`);
  await seen(page, `consents-${name}`);
}

async function looks(chrome, urls, lang, width) {
  const name = `${lang.slice(0, 2)}-${width}`;
  const page = await open(chrome, { lang, width });
  await page.goto(`${urls[PROVINCE]}/dang-nhap`);
  await seen(page, `sign-in-province-${name}`);
  await page.goto(`${urls[NATIONAL]}/dang-nhap`);
  await seen(page, `sign-in-${name}`);
  await wrong(page, urls[NATIONAL], `ai.do.${name}`);
  equal(await page.inputValue('input[name="password"]'), '', 'the password is not kept');
  equal(await page.inputValue('input[name="username"]'), `ai.do.${name}`, 'the name is kept');
  check(/^(Lỗi|Error): /.test(await page.title()), `the title says that there is a fault`);
  await seen(page, `wrong-${name}`);
  await page.goto(`${urls[PROVINCE]}/dang-xuat`);
  await seen(page, `signed-out-${name}`);
  await page.goto(`${urls[PROVINCE]}/dang-nhap/tro-lai?code=x&state=y`);
  await seen(page, `wrong-way-back-${name}`);
  await agrees(page, urls, name);
  await page.goto(`${urls[PROVINCE]}/tai-khoan`);
  await seen(page, `account-citizen-${name}`);
  await press(page, '/dang-xuat');
  check(page.url() === `${urls[NATIONAL]}/dang-xuat`, 'leaving the province leads to the nation');
  await seen(page, `sign-out-${name}`);
  await press(page, '/dang-xuat');
  await page.goto(`${urls[PROVINCE]}/ho-so`);
  check(await page.locator('input[name="password"]').count(), 'signed out at both');
  await signIn(page, urls[PROVINCE], 'hotich');
  await page.goto(`${urls[PROVINCE]}/tai-khoan/thong-bao`);
  check(await page.locator('header strong.govuk-tag').count(), 'the new device stands by the name');
  await seen(page, `notices-${name}`);
  await press(page, '/tai-khoan/thong-bao');
  check(!await page.locator('header strong.govuk-tag').count(), 'seen is seen');
  await page.goto(`${urls[PROVINCE]}/tai-khoan`);
  await seen(page, `account-official-${name}`);
  await page.goto(`${urls[PROVINCE]}/tai-khoan/mat-khau`);
  await seen(page, `password-${name}`);
  await page.fill('input[name="password"]', PASSWORD);
  await page.fill('input[name="new_password"]', '1234567890');
  await page.fill('input[name="new_password_again"]', '1234567890');
  await press(page, '/tai-khoan/mat-khau');
  await seen(page, `password-weak-${name}`);
  await page.context().close();
}

async function byKeyboard(chrome, urls) {
  const page = await open(chrome);
  await page.goto(`${urls[PROVINCE]}/dang-nhap`);
  await tabTo(page, 'username');
  await page.keyboard.type('chutich');
  await tabTo(page, 'password');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForLoadState();
  await page.waitForURL((url) => !url.pathname.startsWith('/dang-nhap'));
  await page.goto(`${urls[PROVINCE]}/tai-khoan`);
  await tabTo(page, '/tai-khoan/mat-khau');
  await page.keyboard.press('Enter');
  await page.waitForURL(/mat-khau$/);
  await tabTo(page, 'new_password_again');
  const refused = page.waitForNavigation();
  await page.keyboard.press('Enter');
  await refused; // the deferred script has run
  equal(await page.evaluate(() => document.activeElement.className), 'govuk-error-summary',
    'the faults have the focus');
  await page.context().close();
}

/** With and without scripts: two devices, one ends the other, a new password, out everywhere. */
async function ownAccount(chrome, urls, scripts, user) {
  const url = urls[PROVINCE];
  const here = await open(chrome, { scripts, width: 360 });
  const there = await open(chrome, { scripts });
  await signIn(here, url, user);
  await signIn(there, url, user);
  await here.goto(`${url}/tai-khoan`);
  const others = here.locator('form[action="/tai-khoan/phien"]'); // the last used comes first
  check(await others.count() > 0, 'the other device is shown');
  await press(here, '/tai-khoan/phien');
  await there.goto(`${url}/tai-khoan`);
  check(there.url().includes('/dang-nhap'), 'the other device is out');
  await signIn(there, url, user);
  await here.goto(`${url}/tai-khoan/mat-khau`);
  await here.fill('input[name="password"]', PASSWORD);
  await here.fill('input[name="new_password"]', NEW_PASSWORD);
  await here.fill('input[name="new_password_again"]', NEW_PASSWORD);
  await press(here, '/tai-khoan/mat-khau');
  await seen(here, `password-changed-${scripts ? 'scripts' : 'plain'}`);
  await there.goto(`${url}/tai-khoan`);
  check(there.url().includes('/dang-nhap'), 'the new password put the other device out');
  await here.goto(`${url}/tai-khoan`);
  await press(here, '/tai-khoan/phien/tat-ca');
  await here.goto(`${url}/tai-khoan`);
  check(here.url().includes('/dang-nhap'), 'out everywhere, here too');
  await here.context().close();
  await there.context().close();
}

/** An administrator finds the auditor, is asked for a reason, locks and opens, gives a password. */
async function administers(chrome, urls, lang, width) {
  const name = `${lang.slice(0, 2)}-${width}`;
  const url = urls[PROVINCE];
  const page = await open(chrome, { lang, width });
  const act = async (what) => {
    const gone = page.waitForNavigation();
    await page.click(`button[formaction$="/${what}"]`);
    await gone;
  };
  await signIn(page, url, 'quantri');
  await page.goto(`${url}/quan-tri/tai-khoan`);
  await page.fill('input[name="tim"]', 'kiemtra');
  const found = page.waitForNavigation();
  await page.click('form[role="search"] button');
  await found;
  check(!page.url().includes('kiemtra'), `${page.url()} doesn't tell who was looked for`);
  await seen(page, `accounts-${name}`);
  await page.click('table a');
  await page.waitForURL(/tai-khoan\/\w{26}$/);
  await seen(page, `account-of-another-${name}`);
  await act('khoa');
  await page.waitForSelector('.govuk-error-summary');
  await seen(page, `account-no-reason-${name}`);
  for (const what of ['khoa', 'mo']) {
    await page.fill('textarea[name="reason"]', 'Theo đề nghị của thủ trưởng đơn vị');
    await act(what);
    await seen(page, `account-${what}-${name}`);
  }
  await page.click('a[href$="/chuc-danh"]');
  await page.waitForURL(/chuc-danh$/);
  await seen(page, `appoint-${name}`);
  await page.goBack();
  await page.fill('textarea[name="reason"]', 'Quên mật khẩu');
  await act('mat-khau');
  await seen(page, `one-time-password-${name}`);
  const password = await page.locator('.dinh-code').first().innerText();
  const auditor = await open(chrome, { lang, width });
  await auditor.goto(`${url}/dang-nhap`);
  await auditor.fill('input[name="username"]', 'kiemtra');
  await auditor.fill('input[name="password"]', password);
  await press(auditor, '/dang-nhap');
  check(auditor.url().endsWith('/tai-khoan/mat-khau'), 'a new password is asked for first');
  await seen(auditor, `password-once-${name}`);
  await auditor.context().close();
  await page.context().close();
}

/** The nodes' clock goes on by so many minutes. */
function clockBy(dir, minutes) {
  const file = path.join(dir, 'clock');
  const was = readFileSync(file).readBigInt64LE();
  const now = Buffer.alloc(8);
  now.writeBigInt64LE(was + BigInt(minutes) * 60000000n);
  writeFileSync(file, now, { flag: 'r+' });
}

/** Signed in a while ago, an administrator locks an account: asked who they are, wrong once, then
 *  it is done with the reason they typed. Opening it again asks nothing. */
async function provesAgain(chrome, { urls, dir }, lang, width, scripts) {
  const name = `${lang.slice(0, 2)}-${width}${scripts ? '' : '-plain'}`;
  const page = await open(chrome, { lang, width, scripts });
  const reason = 'Theo đề nghị của thủ trưởng đơn vị';
  const proof = page.locator('input[name="_proof"]');
  await signIn(page, urls[PROVINCE], 'quantri');
  await page.goto(`${urls[PROVINCE]}/quan-tri/tai-khoan`);
  await page.click('table a');
  await page.waitForURL(/tai-khoan\/\w{26}$/);
  const account = page.url();
  clockBy(dir, 11);
  await page.fill('textarea[name="reason"]', reason);
  const asked = page.waitForNavigation();
  await page.click('button[formaction$="/khoa"]');
  await asked;
  check(await proof.count(), 'who they are is asked for');
  check((await page.locator('main').innerText()).includes(reason), 'what was typed is shown');
  check(/nhằm vào: |is about: /.test(await page.locator('main').innerText()), 'and about whom');
  await seen(page, `proof-${name}`);
  await proof.fill('không phải');
  await press(page, new URL(`${account}/khoa`).pathname);
  check(await page.locator('.govuk-error-summary').count(), 'a wrong one is told');
  equal(await proof.inputValue(), '', 'the password is not kept');
  await seen(page, `proof-wrong-${name}`);
  await proof.fill(PASSWORD);
  const button = page.locator(
    `form[action="${new URL(account).pathname}/khoa"] button[type="submit"]`);
  const done = page.waitForURL(/xong=/);
  await (scripts ? button.dblclick() : button.click()); // a slip of the hand
  await done;
  check(page.url().startsWith(`${account}?xong=`), `the act went on, at ${page.url()}`);
  check((await page.locator('main').innerText()).includes(reason), 'with the reason typed first');
  await seen(page, `proof-done-${name}`);
  await page.fill('textarea[name="reason"]', reason);
  const opened = page.waitForNavigation();
  await page.click('button[formaction$="/mo"]');
  await opened;
  check(page.url().startsWith(`${account}?xong=`), `not asked twice, at ${page.url()}`);
  await page.context().close();
}

/** Browsers take passkeys at names: the insurance's node gets one that this machine knows. */
function named(program, dir) {
  const file = path.join(dir, 'g24', 'node.json');
  const node = readFileSync(file, 'utf8');
  writeFileSync(file, node.replace(/("url": *"http:\/\/)127\.0\.0\.1/, '$1localhost'));
}

async function byPasskey(chrome, { urls, dir }, lang, width) {
  const name = `${lang.slice(0, 2)}-${width}`;
  const url = urls[INSURANCE].replace('127.0.0.1', 'localhost');
  const page = await open(chrome, { lang, width });
  await passkeys(page, url, 'quantri', {
    seen: (what) => seen(page, `passkey-${what}-${name}`), later: () => clockBy(dir, 11) });
  await page.context().close();
  const plain = await open(chrome, { lang, width, scripts: false });
  await plain.goto(`${url}/dang-nhap`);
  check(!await plain.locator('button[data-passkey]').isVisible(), 'no button without scripts');
  await plain.context().close();
}

await play('identity', async (story) => {
  const stands = await story.step('the nation stands', () => nation(story, { before: named }));
  const { urls } = stands;
  const chrome = await browser(story);
  const looked = [['vi-VN', 360], ['en-GB', 1280]];
  if (SHOTS) looked.push(['vi-VN', 1280], ['en-GB', 360]);
  for (const [lang, width] of looked) {
    await story.step(`pages, ${lang}, ${width} pixels`, () => looks(chrome, urls, lang, width));
    await story.step(`administrator, ${lang}, ${width}`,
      () => administers(chrome, urls, lang, width));
  }
  await story.step('by keyboard alone', () => byKeyboard(chrome, urls));
  await story.step('own account, with scripts', () => ownAccount(chrome, urls, true, 'hotich'));
  await story.step('own account, scripts off',
    () => ownAccount(chrome, urls, false, 'canbo.motcua'));
  for (const [lang, width, scripts] of [['vi-VN', 360, true], ['en-GB', 1280, false]]) {
    await story.step(`proved again before a grave act, ${lang}, ${width}`,
      () => provesAgain(chrome, stands, lang, width, scripts));
  }
  await story.step('passkeys in Chromium', () => byPasskey(chrome, stands, ...looked[0]));
  if (SHOTS) await byPasskey(chrome, stands, ...looked[1]);
  await story.step('locked out alike, known name or not', async () => {
    const page = await open(chrome, { width: 360 });
    const known = await locked(page, urls[PROVINCE], 'chutich');
    await seen(page, 'locked-vi-360');
    const unknown = await locked(page, urls[PROVINCE], 'khongco.ai');
    equal(known, unknown, 'one text for both');
    check(/chờ 15 phút/.test(known), 'it says how long to wait');
    await signIn(page, urls[PROVINCE], 'quantri');
  });
});
