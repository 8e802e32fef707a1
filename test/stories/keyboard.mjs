#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// By keyboard alone: a mother signs in, files a birth and mends a mistake on the way; a clerk finds
// the dossier, asks for a clearer photo, gets it, and accepts. Only keys are pressed: Tab,
// Shift+Tab, Enter, space, arrows, letters.
// At every stop the focus must be seen: what has it looks otherwise than before, inside the window.
// On the pages named, Tab reaches everything there is and leaves again.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NATIONAL, PIXEL, PROVINCE } from './filing.mjs';
import { PASSWORD, browser, check, equal, nation, person, play } from './lib.mjs';

const FAR = 120; // stops on a page: more is a trap

/** Looks after the page: how each thing looks that may have the focus, and whether it shows. */
function watcher() {
  const CAN = 'a[href], button, input:not([type="hidden"]), select, textarea, summary, '
    + '[tabindex]';
  const before = new Map();
  const one = (e, pseudo) => {
    const s = getComputedStyle(e, pseudo);
    return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.backgroundColor,
      s.borderTopWidth].join(' ');
  };
  const painted = (e) => (e.matches('[type="radio"], [type="checkbox"]')
    ? one(e.labels[0], '::before') : one(e));
  const learn = () => document.querySelectorAll(CAN).forEach((e) => {
    if (e !== document.activeElement) before.set(e, painted(e));
  });
  const shows = (e) => {
    const seen = e.matches('[type="radio"], [type="checkbox"]') ? e.labels[0] : e;
    const r = seen.getClientRects()[0];
    return Boolean(r) && r.width > 1 && r.height > 1 && r.bottom > 0 && r.right > 0
      && r.top < window.innerHeight && r.left < window.innerWidth;
  };
  const stops = () => Array.from(document.querySelectorAll(CAN)).filter((e) => {
    if (e.tabIndex < 0 || e.disabled || !e.checkVisibility()) return false;
    const group = e.type === 'radio'
      && Array.from(document.querySelectorAll(`input[name="${CSS.escape(e.name)}"]`));
    return !group || e === (group.find((x) => x.checked) || group[0]);
  });
  return {
    learn,
    at() {
      const e = document.activeElement;
      if (!e || e === document.body) return null;
      const was = before.get(e);
      learn();
      return {
        number: stops().indexOf(e), of: stops().length, text: e.textContent.trim(),
        name: e.name || '', type: e.type || '', value: e.value || '',
        href: e.getAttribute('href') || '',
        className: e.className, tag: e.tagName, html: e.outerHTML.slice(0, 200),
        primary: e.matches('main button[type="submit"].govuk-button'),
        changed: was === undefined || was !== painted(e), shows: shows(e),
      };
    },
  };
}

/** Which element has the focus; null: none on the page. */
async function focused(page) {
  return page.evaluate(`(() => {
    if (!window.watch) { window.watch = (${watcher})(); window.watch.learn(); }
    return window.watch.at();
  })()`);
}

/** One Tab; what has the focus then must be seen to have it. */
async function tab(page, key = 'Tab') {
  await focused(page);
  await page.keyboard.press(key);
  const at = await focused(page);
  if (!at) return null;
  check(at.changed, `${page.url()}: the focus is seen on ${at.html}`);
  check(at.shows, `${page.url()}: in the window: ${at.html}`);
  return at;
}

/** On by Tab until `wanted(stop)`. */
async function tabTo(page, what, wanted) {
  for (let turn = 0; turn < FAR; turn++) {
    const at = await tab(page);
    if (at && wanted(at)) return at;
  }
  throw new Error(`${what} is not reached by Tab on ${page.url()}`);
}

const toField = (page, name) => tabTo(page, name, (at) => at.name === name);
const toLink = (page, end) => tabTo(page, end, (at) => at.href.endsWith(end));

/** Presses `key` and waits for the page it leads to. */
async function go(page, key = 'Enter') {
  const gone = page.waitForNavigation();
  await page.keyboard.press(key);
  await gone;
  await page.waitForLoadState();
}

async function send(page, key) {
  await tabTo(page, 'the primary button', (at) => at.primary);
  await go(page, key);
}

/** Everything that can have the focus gets it, in turn, and Tab leaves the page at the end. */
async function reachesAll(page, name) {
  const reached = new Set();
  let of = 0;
  for (let turn = 0; turn < FAR; turn++) {
    const at = await tab(page);
    if (!at || reached.has(at.number)) break;
    reached.add(at.number);
    ({ of } = at);
  }
  reached.delete(-1); // a scrolling block
  equal(reached.size, of, `${name}: stops reached by Tab`);
}

/** The first stop leads over the menu into the content. */
async function skips(page, name) {
  const link = await tab(page);
  check(link && link.className.includes('skip-link'), `${name}: the skip link comes first`);
  await page.keyboard.press('Enter');
  const inside = await tab(page);
  check(inside && await page.evaluate(() => document.querySelector('main')
    .contains(document.activeElement)), `${name}: it leads into the content`);
}

async function signIn(page, user) {
  await toField(page, 'username');
  await page.keyboard.type(user);
  await toField(page, 'password');
  await page.keyboard.type(PASSWORD);
  await go(page);
  check(!await page.locator('input[name="password"]').count(), `${user} is in`);
}

/** Into a group of radios by Tab, then by arrow to the one wanted; or down a list. */
async function choose(page, name, value) {
  let at = await toField(page, name);
  if (at.tag !== 'SELECT') await page.keyboard.press('Space');
  for (let turn = 0; turn < FAR && at.value !== value; turn++) {
    await page.keyboard.press('ArrowDown');
    at = await focused(page);
  }
  equal(at.value, value, `${name} chosen by arrow`);
}

async function type(page, name, text) {
  await toField(page, name);
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
}

function daysAgo(n) {
  const day = new Date(Date.now() - n * 86400000);
  const two = (x) => String(x).padStart(2, '0');
  return `${two(day.getDate())}/${two(day.getMonth() + 1)}/${day.getFullYear()}`;
}

async function commune(page) {
  const told = page.waitForResponse((r) => /[?&]tu=vi(%20|\+)da$/.test(r.url()));
  await type(page, 'birth_unit', 'vi da');
  await told;
  await page.waitForSelector('.dinh-suggest li:first-child button:has-text("Phường Vỹ Dạ")');
  await page.keyboard.press('ArrowDown');
  check((await focused(page)).text.startsWith('Phường Vỹ Dạ'), 'the first name offered');
  await page.keyboard.press('Enter');
  check((await page.inputValue('input[name="birth_unit"]')).startsWith('Phường Vỹ Dạ'), 'taken');
}

/** The summary has the focus; its link leads to the field, which says what is wrong. */
async function mistake(page) {
  await send(page, 'Space');
  check((await focused(page)).className.includes('error-summary'), 'the summary has the focus');
  const first = await tab(page);
  check(first.href.startsWith('#f-'), 'its first link comes next');
  await page.keyboard.press('Enter');
  equal((await focused(page)).name, 'child_name', 'the link leads to the field');
  await page.keyboard.press('Shift+Tab');
}

const GROUPS = {
  requester: (p) => choose(p, 'requester_relation', 'mother'),
  async child(p) {
    await mistake(p);
    await type(p, 'child_name', 'Trần Nguyễn Phím');
    await choose(p, 'child_sex', 'female');
    await type(p, 'child_birth_date', daysAgo(5));
  },
  async birth_place(p) {
    await type(p, 'birth_facility', 'Bệnh viện Trung ương Huế');
    await commune(p);
  },
  async birth_notice(p, photo) {
    const chooser = p.waitForEvent('filechooser'); // the driver listens well before the key comes
    await type(p, 'birth_notice_number', 'GCS 77');
    await type(p, 'birth_notice_date', daysAgo(4));
    await toField(p, 'birth_notice_file');
    await p.keyboard.press('Enter');
    await (await chooser).setFiles(photo);
  },
  mother: null,
  father: null,
  health_card: (p) => choose(p, 'clinic', '46001'),
  async result(p) {
    await choose(p, 'result_way', 'online');
    await toField(p, 'truth_declared');
    await p.keyboard.press('Space');
  },
};

/** From the front page to the task list. */
async function begin(page, urls) {
  await page.goto(`${urls[NATIONAL]}/`);
  await skips(page, 'home');
  await page.goto(`${urls[NATIONAL]}/`);
  await reachesAll(page, 'home');
  await page.goto(`${urls[NATIONAL]}/dang-nhap`);
  await signIn(page, 'me.lan');
  await page.goto(`${urls[NATIONAL]}/`);
  await type(page, 'q', 'khai sinh');
  await go(page);
  await toLink(page, '/dich-vu/1.001193');
  await go(page);
  await tabTo(page, 'the button to the province', (at) => at.href.startsWith(urls[PROVINCE]));
  await go(page);
  check(new URL(page.url()).pathname === '/dang-nhap/dong-y', `asked first, at ${page.url()}`);
  await reachesAll(page, 'consent');
  await page.reload();
  await send(page);
  await send(page);
}

/** Group by group as the pages lead on; gives the dossier's code. */
async function fill(page, photo) {
  const first = await tabTo(page, 'the first group', (at) => at.href.endsWith('/requester'));
  check(first, 'the task list leads on');
  await go(page);
  for (const [name, typed] of Object.entries(GROUPS)) {
    equal(new URL(page.url()).pathname.split('/').pop(), name, 'the group that comes next');
    if (typed) await typed(page, photo);
    await send(page);
  }
  check(page.url().endsWith('/xem-lai'), `the review comes last, not ${page.url()}`);
  await reachesAll(page, 'review');
  await page.reload();
  await send(page);
  const code = /ho-so\/([^/?]+)/.exec(page.url());
  check(code, `filed, at ${page.url()}`);
  await reachesAll(page, 'confirmation');
  return code[1];
}

/** The clerk's morning: in, to the inbox, to the dossier, back and forth, more is asked for. */
async function ask(page, urls, code) {
  await page.goto(`${urls[PROVINCE]}/dang-nhap`);
  await signIn(page, 'canbo.motcua');
  await page.goto(`${urls[PROVINCE]}/`);
  await toLink(page, '/mot-cua');
  await go(page);
  await reachesAll(page, 'inbox');
  await page.reload();
  await toLink(page, code);
  await go(page);
  await reachesAll(page, 'dossier');
  await page.reload();
  await tabTo(page, 'the acts that want a reason', (at) => at.tag === 'SUMMARY'
    && at.text.includes('Từ chối'));
  await page.keyboard.press('Enter');
  await toField(page, 'reason');
  await page.keyboard.type('Ảnh bị mờ');
  check(!(await tab(page)).html.includes('textarea'), 'Tab leaves the text');
  for (let turn = 0; turn < FAR; turn++) {
    if ((await tab(page, 'Shift+Tab')).primary) break;
  }
  equal((await focused(page)).text, 'Tiếp nhận', 'back to the first button');
  await tabTo(page, 'to ask for more', (at) => at.tag === 'BUTTON'
    && at.text === 'Yêu cầu bổ sung');
  await go(page);
  check((await focused(page)).className.includes('notification-banner'), 'the news has the focus');
}

/** A refused form with a file comes back into the same page. */
async function refused(page) {
  await tabTo(page, 'the primary button', (at) => at.primary);
  await page.evaluate(() => { document.body.dataset.old = '1'; });
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => !document.body.dataset.old);
  check((await focused(page)).className.includes('error-summary'), 'the summary has the focus');
}

/** The mother sends a clearer photo: a bad day beside it, the photo stays, the day is mended. */
async function supplement(page, urls, code, photo) {
  await page.goto(`${urls[PROVINCE]}/ho-so/${code}`);
  await reachesAll(page, 'asked for a supplement');
  await page.reload();
  await toLink(page, '/bo-sung');
  await go(page);
  await reachesAll(page, 'supplement');
  await page.reload();
  const chooser = page.waitForEvent('filechooser');
  await type(page, 'birth_notice_date', '31/2/2026');
  await toField(page, 'birth_notice_file');
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(photo);
  await refused(page);
  check((await tab(page)).href === '#f-birth_notice_date', 'the fault comes next');
  await page.keyboard.press('Enter');
  equal((await focused(page)).name, 'birth_notice_date', 'and leads to its field');
  await page.keyboard.press('Control+a');
  await page.keyboard.type(daysAgo(4));
  await toField(page, '_bo.birth_notice_file');
  await page.keyboard.press('Space');
  check(await page.isChecked('input[name="_bo.birth_notice_file"]'), 'ticked');
  await page.keyboard.press('Space');
  await send(page);
  check((await page.textContent('main')).includes('Đã gửi phần bổ sung'), 'sent');
  check((await focused(page)).className.includes('notification-banner'), 'the news has the focus');
}

async function accept(page, urls, code) {
  await page.goto(`${urls[PROVINCE]}/mot-cua/${code}`);
  await tabTo(page, 'the first button', (at) => at.primary);
  equal((await focused(page)).text, 'Tiếp nhận hồ sơ đã bổ sung', 'what comes first');
  await go(page, 'Space');
  check((await page.textContent('main')).includes('Tiếp nhận hồ sơ đã bổ sung'), 'accepted');
  check((await focused(page)).className.includes('notification-banner'), 'the news has the focus');
}

await play('keyboard', async (story) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'dinh-photo-'));
  story.atEnd(() => rmSync(dir, { recursive: true, force: true }));
  const [photo, clear] = ['giấy chứng sinh.png', 'rõ.png'].map((name) => path.join(dir, name));
  [photo, clear].forEach((name) => writeFileSync(name, PIXEL));
  const { urls } = await story.step('the nation stands', () => nation(story));
  const chrome = await browser(story);
  const mother = await person(chrome);
  await story.step('from the front page to the form', () => begin(mother, urls));
  const code = await story.step('filed', () => fill(mother, photo));
  const clerk = await person(chrome);
  await story.step('asked for a supplement', () => ask(clerk, urls, code));
  await story.step('supplemented', () => supplement(mother, urls, code, clear));
  await story.step('accepted', () => accept(clerk, urls, code));
  equal(mother.complaints.join('\n'), '', 'complaints of the browser');
});
