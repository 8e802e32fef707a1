#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// `./dev screenshots`: the main pages of a fresh demonstration nation at 360 and 1280 pixels, into
// docs/screens. A birth is filed and decided on the way; each page must be sound (lib.mjs).
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { INSURANCE, NATIONAL, PIXEL, PROVINCE, decide, file, untilDone } from './filing.mjs';
import {
  ROOT, browser, check, codeOn, nation, person, play, signIn, sound,
} from './lib.mjs';

const OUT = path.join(ROOT, 'docs', 'screens');
const WIDTHS = [360, 1280];
const TALLEST = 1500; // pixels: the folder stays small
const CITIZEN = { as: 'me.lan', citizen: true };
/** Pages passed while filing and deciding, by their names there. */
const ON_THE_WAY = {
  start: 'start', 'task-list': 'task-list', 'group-child': 'form-child',
  'group-birth_place': 'form-birth-place', 'group-birth_notice': 'form-birth-notice',
  review: 'review', filed: 'confirmation',
  'inbox-canbo.motcua': 'inbox', 'before-accept': 'clerk-decides', 'after-accept': 'clerk-decided',
  'before-sign': 'chairman-signs',
};
const AFTERWARDS = [
  { name: 'national-home', node: NATIONAL, path: '/' },
  { name: 'national-figures', node: NATIONAL, path: '/chi-so' },
  { name: 'sign-in', node: NATIONAL, path: '/dang-nhap' },
  { name: 'province-home', node: PROVINCE, path: '/' },
  { name: 'search', node: PROVINCE, path: '/tim?q=dang%20ky%20khai%20sinh' },
  { name: 'service', node: PROVINCE, path: '/dich-vu/1.001193' },
  { name: 'dossier', node: PROVINCE, path: '/ho-so/{code}', ...CITIZEN },
  { name: 'rating', node: PROVINCE, path: '/ho-so/{code}/danh-gia', ...CITIZEN },
  { name: 'dossiers', node: PROVINCE, path: '/ho-so', ...CITIZEN },
  { name: 'my-data', node: PROVINCE, path: '/du-lieu-cua-toi', ...CITIZEN },
  { name: 'official-home', node: PROVINCE, path: '/', as: 'canbo.motcua' },
  { name: 'dossier-book', node: PROVINCE, path: '/mot-cua/so', as: 'canbo.motcua' },
  { name: 'birth-book', node: PROVINCE, path: '/ho-tich/khai-sinh', as: 'hotich' },
  { name: 'population', node: NATIONAL, path: '/dan-cu', as: 'danso' },
  { name: 'insurance', node: INSURANCE, path: '/bao-hiem', as: 'bhxh' },
  { name: 'insurance-cards', node: INSURANCE, path: '/the-bao-hiem', as: 'bhxh' },
];

async function shoot(page, name) {
  const was = page.viewportSize();
  await sound(page, name);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: was.height });
    const tall = await page.evaluate(() => document.documentElement.scrollHeight);
    const clip = { x: 0, y: 0, width, height: Math.min(tall, TALLEST) };
    await page.screenshot({ path: path.join(OUT, `${name}-${width}.png`), fullPage: true, clip });
  }
  await page.setViewportSize(was);
}

async function look(page, name) {
  if (ON_THE_WAY[name]) await shoot(page, ON_THE_WAY[name]);
}

async function afterwards(chrome, urls, shot, code) {
  const reader = await person(chrome);
  if (shot.as) await signIn(reader, urls[shot.node], shot.as, { citizen: shot.citizen });
  const answer = await reader.goto(urls[shot.node] + shot.path.replace('{code}', code));
  check(answer.ok(), `${shot.path} answers ${answer.status()}`);
  await shoot(reader, shot.name);
  await reader.context().close();
}

/** What the mother does at last, so that the dossier may be rated. */
async function collect(mother, urls, code) {
  await untilDone(mother, urls, code);
  await shoot(mother, 'result-ready');
  await mother.click(`form[action="/ho-so/${code}/nhan"] button`);
  await mother.waitForLoadState();
}

/** The page that a phone opens from the receipt's code, for somebody who isn't signed in. */
async function behindTheCode(chrome, mother, urls, code) {
  const paper = await mother.request.get(`${urls[PROVINCE]}/ho-so/${code}/giay/receipt`);
  const stranger = await person(chrome);
  const answer = await stranger.goto(codeOn(await paper.body()));
  check(answer.ok(), `the receipt's page answers ${answer.status()}`);
  await shoot(stranger, 'paper-check');
  await stranger.context().close();
}

await play('screenshots', async (story) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'dinh-photo-'));
  const photo = path.join(dir, 'giấy chứng sinh.png');
  story.atEnd(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(photo, PIXEL);
  mkdirSync(OUT, { recursive: true });
  for (const old of readdirSync(OUT).filter((f) => f.endsWith('.png'))) rmSync(path.join(OUT, old));
  const { urls } = await story.step('the nation stands', () => nation(story));
  const chrome = await browser(story);
  const mother = await person(chrome);
  await signIn(mother, urls[NATIONAL], 'me.lan', { citizen: true });
  const code = await story.step('filed',
    () => file(mother, urls, 'Trần Nguyễn An Nhiên', photo, look));
  await story.step('decided', () => decide(chrome, urls, code, look));
  await story.step('collected', () => collect(mother, urls, code));
  await story.step('checked', () => behindTheCode(chrome, mother, urls, code));
  for (const shot of AFTERWARDS) {
    await story.step(shot.name, () => afterwards(chrome, urls, shot, code));
  }
});
