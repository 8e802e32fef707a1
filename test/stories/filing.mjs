// SPDX-License-Identifier: Apache-2.0
// How a birth is filed and decided at the screen, for the stories: each page on the way is handed
// to look(page, name).
import { agree, check, person, signIn } from './lib.mjs';

export const [NATIONAL, PROVINCE, INSURANCE] = [0, 1, 2];
export const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk'
  + 'YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');

/** Presses a button of the form that leads to `action`, by itself or by the button. */
export async function press(page, action) {
  const gone = page.waitForNavigation();
  await page.click(`form[action="${action}"] button[type="submit"]:not([formaction]), `
    + `button[formaction="${action}"]`);
  await gone;
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

/** What each group of the form is filled with. */
const GROUPS = [
  ['requester', (p) => choose(p, 'requester_relation', 'mother')],
  ['child', async (p, child) => {
    await p.fill('input[name="child_name"]', child);
    await choose(p, 'child_sex', 'female');
    await p.fill('input[name="child_birth_date"]', born());
  }],
  ['birth_place', async (p) => {
    await p.fill('input[name="birth_facility"]', 'Bệnh viện Trung ương Huế');
    await choose(p, 'birth_unit', '19777');
  }],
  ['birth_notice', async (p, child, photo) => {
    await p.fill('input[name="birth_notice_number"]', `GCS ${child}`);
    await p.fill('input[name="birth_notice_date"]', born());
    await p.setInputFiles('input[name="birth_notice_file"]', photo);
  }],
  ['mother', null],
  ['father', null],
  ['health_card', (p) => choose(p, 'clinic', '46001')],
  ['result', async (p) => {
    await choose(p, 'result_way', 'online');
    await p.check('input[type="checkbox"][name="truth_declared"]');
  }],
];

/** From the search box of the national node to the task list; gives the draft's address. */
export async function begin(mother, urls, look) {
  await mother.goto(`${urls[NATIONAL]}/`);
  await look(mother, 'home');
  await mother.fill('input[name="q"]', 'khai sinh');
  const found = mother.waitForNavigation();
  await mother.press('input[name="q"]', 'Enter');
  await found;
  await look(mother, 'search');
  await mother.click('main a[href="/dich-vu/1.001193"]');
  await mother.waitForLoadState();
  await look(mother, 'service');
  await mother.click(`main a[href^="${urls[PROVINCE]}"]`);
  await mother.waitForLoadState();
  if (mother.url().startsWith(`${urls[NATIONAL]}/dang-nhap/dong-y`)) await look(mother, 'consent');
  await agree(mother);
  await look(mother, 'start');
  check(mother.url().startsWith(urls[PROVINCE]), 'single sign-on led to the province');
  await press(mother, '/dich-vu/1.001193/nop');
  await look(mother, 'task-list');
  return mother.url();
}

/** Fills every group, reviews, files; gives the dossier's code. */
export async function file(mother, urls, child, photo, look) {
  const draft = await begin(mother, urls, look);
  for (const [name, fill] of GROUPS) {
    await mother.goto(`${draft}/${name}`);
    await look(mother, `group-${name}`);
    if (fill) await fill(mother, child, photo);
    await press(mother, new URL(mother.url()).pathname);
    check(!await mother.locator('.govuk-error-summary').count(), `${name} is taken`);
  }
  await mother.goto(`${draft}/xem-lai`);
  await look(mother, 'review');
  check((await mother.textContent('main')).includes(child), 'the name is there to check');
  await press(mother, new URL(`${draft}/nop`).pathname);
  await look(mother, 'filed');
  return /ho-so\/([^/?]+)/.exec(mother.url())[1];
}

const TURNS = [['canbo.motcua', 'accept'], ['hotich', 'start_review'], ['hotich', 'propose'],
  ['chutich', 'sign']];

/** Clerk, officer and chairman, each at a screen of their own, up to the signature. */
export async function decide(chrome, urls, code, look, screen = {}) {
  for (const [user, action] of TURNS) {
    const official = await person(chrome, screen);
    await signIn(official, urls[PROVINCE], user);
    await official.goto(`${urls[PROVINCE]}/mot-cua`);
    await look(official, `inbox-${user}`);
    await official.goto(`${urls[PROVINCE]}/mot-cua/${code}`);
    await look(official, `before-${action}`);
    await press(official, `/mot-cua/${code}/viec/${action}`);
    check((await official.textContent('main')).includes(code), `${action} is done`);
    await look(official, `after-${action}`);
    await official.context().close();
  }
}

/** Until the health card lies with the dossier. */
export async function untilDone(mother, urls, code) {
  for (let turn = 0; turn < 600; turn++) {
    await mother.goto(`${urls[PROVINCE]}/ho-so/${code}`);
    if (await mother.locator('a[href$="/giay/health_card"]').count()) return;
    await new Promise((r) => { setTimeout(r, 200); });
  }
  throw new Error(`${code} is not done`);
}
