#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// One birth in Debian's Chromium, from the mother's screen to the certificate: once with scripts at
// 1280 pixels, once with scripts off at 360. Every page on the way is sound (lib.mjs: axe finds
// nothing, no complaint of the browser, nothing wider than the screen).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { browser, check, nation, person, play, signIn, sound } from './lib.mjs';

const [NATIONAL, PROVINCE] = [0, 1];
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk'
  + 'YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');

async function good(page, name) {
  await page.waitForLoadState();
  if (page.scripts) await sound(page, `${name} (${page.url()})`);
}

async function press(page, form) {
  const gone = page.waitForNavigation();
  await page.click(`form[action="${form}"] button[type="submit"]`);
  await gone;
}

async function group(page, draft, name, fill) {
  await page.goto(`${draft}/${name}`);
  await good(page, name);
  if (fill) await fill(page);
  await press(page, new URL(page.url()).pathname);
  check(!await page.locator('.govuk-error-summary').count(), `${name} is taken`);
}

async function choose(page, name, value) {
  const radio = page.locator(`input[type="radio"][name="${name}"][value="${value}"]`);
  if (await radio.count()) await radio.check();
  else if (await page.locator(`select[name="${name}"]`).count()) {
    await page.selectOption(`select[name="${name}"]`, value);
  } else await page.fill(`input[name="${name}"]`, value);
}

function born() {
  const day = new Date(Date.now() - 5 * 86400000);
  const two = (n) => String(n).padStart(2, '0');
  return `${two(day.getDate())}/${two(day.getMonth() + 1)}/${day.getFullYear()}`;
}

async function file(mother, urls, child, photo) {
  await mother.goto(`${urls[NATIONAL]}/`);
  await good(mother, 'home');
  await mother.fill('input[name="q"]', 'khai sinh');
  await mother.press('input[name="q"]', 'Enter');
  await good(mother, 'search');
  await mother.click('main a[href="/dich-vu/1.001193"]');
  await good(mother, 'service');
  await mother.click(`main a[href^="${urls[PROVINCE]}"]`);
  await good(mother, 'before you start');
  check(mother.url().startsWith(urls[PROVINCE]), 'single sign-on led to the province');
  await press(mother, '/dich-vu/1.001193/nop');
  await good(mother, 'task list');
  const draft = mother.url();
  await group(mother, draft, 'requester', (p) => choose(p, 'requester_relation', 'mother'));
  await group(mother, draft, 'child', async (p) => {
    await p.fill('input[name="child_name"]', child);
    await choose(p, 'child_sex', 'female');
    await p.fill('input[name="child_birth_date"]', born());
  });
  await group(mother, draft, 'birth_place', async (p) => {
    await p.fill('input[name="birth_facility"]', 'Bệnh viện Trung ương Huế');
    await choose(p, 'birth_unit', '19777');
  });
  await group(mother, draft, 'birth_notice', async (p) => {
    await p.fill('input[name="birth_notice_number"]', `GCS ${child}`);
    await p.fill('input[name="birth_notice_date"]', born());
    await p.setInputFiles('input[name="birth_notice_file"]', photo);
  });
  await group(mother, draft, 'mother');
  await group(mother, draft, 'father');
  await group(mother, draft, 'health_card', (p) => choose(p, 'clinic', '46001'));
  await group(mother, draft, 'result', async (p) => {
    await choose(p, 'result_way', 'online');
    await p.check('input[type="checkbox"][name="truth_declared"]');
  });
  await mother.goto(`${draft}/xem-lai`);
  await good(mother, 'check your answers');
  check((await mother.textContent('main')).includes(child), 'the name is there to check');
  await press(mother, new URL(`${draft}/nop`).pathname);
  await good(mother, 'confirmation');
  return /ho-so\/([^/?]+)/.exec(mother.url())[1];
}

async function act(official, url, code, action) {
  await official.goto(`${url}/mot-cua/${code}`);
  await good(official, `before ${action}`);
  await press(official, `/mot-cua/${code}/viec/${action}`);
}

async function decide(chrome, urls, code) {
  const turns = [['canbo.motcua', 'accept'], ['hotich', 'start_review'], ['hotich', 'propose'],
    ['chutich', 'sign']];
  for (const [user, action] of turns) {
    const official = await person(chrome, {});
    official.scripts = true;
    await signIn(official, urls[PROVINCE], user);
    await official.goto(`${urls[PROVINCE]}/mot-cua`);
    await good(official, `inbox of ${user}`);
    await act(official, urls[PROVINCE], code, action);
    await official.context().close();
  }
}

async function follow(mother, urls, code) {
  const page = `${urls[PROVINCE]}/ho-so/${code}`;
  for (let turn = 0; turn < 100; turn++) {
    await mother.goto(page);
    if (await mother.locator('a[href$="/giay/health_card"]').count()) break;
    await new Promise((r) => { setTimeout(r, 200); });
  }
  await good(mother, 'following');
  check(await mother.locator('a[href$="/giay/birth_certificate"]').count(), 'the certificate');
  check(await mother.locator('a[href$="/giay/health_card"]').count(), 'the card');
  await mother.goto(`${urls[NATIONAL]}/du-lieu-cua-toi`);
  await good(mother, 'who saw my data');
  check((await mother.textContent('main')).includes('Phan Thị Thu Hà'), 'the clerk is named');
}

async function tell(story, chrome, urls, photo, way) {
  const label = way.scripts ? 'with scripts' : 'without scripts';
  const mother = await person(chrome, way);
  mother.scripts = way.scripts;
  await signIn(mother, urls[NATIONAL], way.user, { citizen: true });
  const code = await story.step(`${label}: filed`, () => file(mother, urls, way.child, photo));
  await story.step(`${label}: decided`, () => decide(chrome, urls, code));
  await story.step(`${label}: result`, () => follow(mother, urls, code));
  await mother.context().close();
}

await play('birth', async (story) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'dinh-photo-'));
  story.atEnd(() => rmSync(dir, { recursive: true, force: true }));
  const photo = path.join(dir, 'giấy chứng sinh.png');
  writeFileSync(photo, PIXEL);
  const { urls } = await story.step('the nation stands', () => nation(story));
  const chrome = await browser(story);
  await tell(story, chrome, urls, photo,
    { scripts: true, width: 1280, user: 'me.lan', child: 'Trần Nguyễn An Nhiên' });
  await tell(story, chrome, urls, photo,
    { scripts: false, width: 360, user: 'me.hoa', child: 'Phạm Lê Khánh Vy' });
});
