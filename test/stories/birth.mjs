#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// One birth in Debian's Chromium, from the mother's screen to the certificate: in Vietnamese at
// 1280 pixels, in English at 360, and once with scripts off. Every page on the way, and every other
// kind of page in both languages, is sound (lib.mjs: axe, unique ids, no complaint of the browser,
// nothing wider than the screen at 320 and 360).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { INSURANCE, NATIONAL, PIXEL, PROVINCE, begin, decide, file, press, untilDone }
  from './filing.mjs';
import { browser, check, equal, nation, person, play, signIn, sound } from './lib.mjs';

const look = (page, name) => sound(page, `${name} (${page.url()})`);
const blind = async () => {};

/** The paper bears the seal of that agency's node, as a tool that isn't ours judges. */
async function sealed(mother, urls, code, kind, agency) {
  const answer = await mother.request.get(`${urls[PROVINCE]}/ho-so/${code}/giay/${kind}`);
  const dir = mkdtempSync(path.join(tmpdir(), 'dinh-paper-'));
  try {
    writeFileSync(path.join(dir, 'paper.pdf'), await answer.body());
    const said = execFileSync('pdfsig', [path.join(dir, 'paper.pdf')], { encoding: 'utf8' });
    check(said.includes('Signature is Valid'), `${kind} is signed:\n${said}`);
    check(said.includes(`Common Name: ${agency} sign`), `${agency} seals ${kind}:\n${said}`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function follow(mother, urls, code, see) {
  await untilDone(mother, urls, code);
  await see(mother, 'following');
  check(await mother.locator('a[href$="/giay/birth_certificate"]').count(), 'the certificate');
  await sealed(mother, urls, code, 'birth_certificate', 'H57');
  await sealed(mother, urls, code, 'health_card', 'G24');
  await press(mother, `/ho-so/${code}/nhan`);
  await mother.goto(`${urls[PROVINCE]}/ho-so/${code}/danh-gia`);
  await see(mother, 'rating');
  await press(mother, `/ho-so/${code}/danh-gia`); // nothing chosen: the page says so
  await see(mother, 'rating with faults');
  await mother.goto(`${urls[NATIONAL]}/du-lieu-cua-toi`);
  await see(mother, 'who saw my data');
  check((await mother.textContent('main')).includes('Phan Thị Thu Hà'), 'the clerk is named');
}

async function tell(story, chrome, urls, photo, way) {
  const see = way.scripts ? look : blind;
  const mother = await person(chrome, way);
  await signIn(mother, urls[NATIONAL], way.user, { citizen: true });
  const code = await story.step(`${way.label}: filed`,
    () => file(mother, urls, way.child, photo, see));
  await story.step(`${way.label}: decided`, () => decide(chrome, urls, code, see, way));
  await story.step(`${way.label}: result`, () => follow(mother, urls, code, see));
  await mother.context().close();
  return code;
}

/** Pages that nobody passes on the way. */
const OTHERS = [
  { node: NATIONAL, paths: ['/dang-nhap', '/chi-so', '/tim?q=zzzz', '/khong-co'] },
  { node: PROVINCE, user: 'me.lan', citizen: true, paths: ['/', '/ban-nhap', '/ho-so'] },
  { node: PROVINCE, user: 'canbo.motcua',
    paths: ['/', '/mot-cua?hang=done', '/mot-cua/so', '/mot-cua/khong-co',
      '/ho-tich/khai-sinh', '/dan-cu'],
    search: ['/mot-cua', 'tu', 'zzzz'] },
  { node: PROVINCE, user: 'giamsat',
    paths: ['/', '/mot-cua', '/mot-cua/so', '/mot-cua/so?don-vi=H57.31.08', '/ho-tich/khai-sinh'] },
  { node: NATIONAL, user: 'danso', paths: ['/', '/dan-cu', '/dan-cu?words=lan'],
    search: ['/dan-cu', 'words', 'nguyen',
      { purpose: 'population_management', matter: '12/KH-BCA' }] },
  { node: INSURANCE, user: 'bhxh', paths: ['/bao-hiem', '/the-bao-hiem'],
    search: ['/bao-hiem', 'words', 'khong-ai-ca',
      { purpose: 'inspection', matter: '12/QĐ-TTr' }] },
  { node: PROVINCE, user: 'quantri', paths: ['/', '/mot-cua'] },
];

/** Words that may name a person are asked for by the page's form; none stands in an address. */
async function search(reader, url, [at, name, words, why]) {
  await reader.goto(url + at);
  if (why) {
    await reader.selectOption('select[name="purpose"]', why.purpose);
    await reader.fill('input[name="matter"]', why.matter);
  }
  await reader.fill(`form[action="${at}"] input[name="${name}"]`, words);
  const gone = reader.waitForNavigation();
  await reader.click(`form[action="${at}"] button`);
  await gone;
  check(reader.url().includes('hoi='), `${reader.url()} answers what was asked`);
  check(!reader.url().includes(words), `${reader.url()} doesn't tell what was looked for`);
  await look(reader, `${at} searched`);
}

async function others(chrome, urls, lang) {
  for (const group of OTHERS) {
    const reader = await person(chrome, { lang });
    if (group.user) await signIn(reader, urls[group.node], group.user, group);
    for (const at of group.paths) {
      await reader.goto(urls[group.node] + at);
      await look(reader, at);
    }
    if (group.search) await search(reader, urls[group.node], group.search);
    await reader.context().close();
  }
}

/** A mistake: the summary has the focus, the title says so, its first link leads to the field. */
async function mistakes(chrome, urls, lang) {
  const mother = await person(chrome, { lang, width: 360 });
  await signIn(mother, urls[NATIONAL], 'me.hoa', { citizen: true });
  const draft = await begin(mother, urls, blind);
  await mother.goto(`${draft}/child`);
  await press(mother, new URL(mother.url()).pathname);
  await look(mother, 'an empty group');
  const focused = await mother.evaluate(() => document.activeElement.className);
  check(focused.includes('govuk-error-summary'), `the summary has the focus, not ${focused}`);
  check(/^(Lỗi|Error):/.test(await mother.title()), 'the title tells of the fault');
  await mother.keyboard.press('Tab');
  await mother.keyboard.press('Enter');
  equal(await mother.evaluate(() => document.activeElement.name), 'child_name', 'where it leads');
  await suggested(mother, draft);
  await mother.context().close();
}

/** A commune by keyboard alone: typed without marks, offered, chosen by arrow and Enter. */
async function suggested(mother, draft) {
  await mother.goto(`${draft}/birth_place`);
  await mother.focus('input[name="birth_unit"]');
  const told = mother.waitForResponse((r) => /[?&]tu=vi(%20|\+)da$/.test(r.url()));
  await mother.keyboard.type('vi da');
  await told;
  await mother.waitForSelector('.dinh-suggest li:first-child button:has-text("Phường Vỹ Dạ")');
  await look(mother, 'places offered');
  await mother.keyboard.press('ArrowDown');
  await mother.keyboard.press('Enter');
  const chosen = await mother.inputValue('input[name="birth_unit"]');
  check(chosen.startsWith('Phường Vỹ Dạ'), `chosen: ${chosen}`);
}

/** The clerk asks for a supplement without a reason, then with one. */
async function clerk(chrome, urls, code, lang) {
  const official = await person(chrome, { lang });
  await signIn(official, urls[PROVINCE], 'canbo.motcua');
  await official.goto(`${urls[PROVINCE]}/mot-cua/${code}`);
  await official.click('.dinh-act ~ details summary, section details summary');
  await press(official, `/mot-cua/${code}/viec/request_supplement`);
  await look(official, 'a reason is missing');
  await official.fill('textarea[name="reason"]', 'Mong chị gửi sớm.');
  await official.selectOption('select[name="items.0.name"]', 'birth_notice_file');
  await official.fill('input[name="items.0.reason"]', 'Ảnh bị mờ, xin chụp lại');
  await press(official, `/mot-cua/${code}/viec/request_supplement`);
  await look(official, 'asked for a supplement');
  await official.context().close();
}

async function supplement(chrome, urls, photo, lang) {
  const mother = await person(chrome, { lang, width: 360 });
  await signIn(mother, urls[NATIONAL], 'me.lan', { citizen: true });
  const code = await file(mother, urls, `Trần Bổ Sung ${lang}`, photo, blind);
  await mother.goto(`${urls[PROVINCE]}/ho-so/${code}/rut`);
  await look(mother, 'withdraw');
  await clerk(chrome, urls, code, lang);
  await mother.goto(`${urls[PROVINCE]}/ho-so/${code}`);
  await look(mother, 'a supplement is asked for');
  await mother.goto(`${urls[PROVINCE]}/ho-so/${code}/bo-sung`);
  await look(mother, 'supplement');
  await mother.context().close();
}

await play('birth', async (story) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'dinh-photo-'));
  story.atEnd(() => rmSync(dir, { recursive: true, force: true }));
  const photo = path.join(dir, 'giấy chứng sinh.png');
  writeFileSync(photo, PIXEL);
  const { urls, said } = await story.step('the nation stands', () => nation(story));
  check(!said().includes('Ctrl-C'), 'who starts it in the background is not told of Ctrl-C');
  const chrome = await browser(story);
  await tell(story, chrome, urls, photo, {
    label: 'Vietnamese', scripts: true, width: 1280, user: 'me.lan', child: 'Trần Nguyễn An Nhiên',
  });
  await tell(story, chrome, urls, photo, {
    label: 'English', scripts: true, width: 360, lang: 'en-GB', user: 'me.lan',
    child: 'Trần Nguyễn Bảo Nhi',
  });
  await tell(story, chrome, urls, photo, {
    label: 'without scripts', scripts: false, width: 360, user: 'me.hoa', child: 'Phạm Lê Khánh Vy',
  });
  for (const lang of ['vi-VN', 'en-GB']) {
    await story.step(`${lang}: other pages`, () => others(chrome, urls, lang));
    await story.step(`${lang}: mistakes`, () => mistakes(chrome, urls, lang));
    await story.step(`${lang}: a supplement`, () => supplement(chrome, urls, photo, lang));
  }
});
