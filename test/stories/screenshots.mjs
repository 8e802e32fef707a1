#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// `./dev screenshots`: the main pages of a fresh demonstration nation at 360 and 1280 pixels, into
// docs/screens. Each page must answer well and be sound (lib.mjs).
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT, browser, check, nation, person, play, signIn, sound } from './lib.mjs';

const OUT = path.join(ROOT, 'docs', 'screens');
const NATIONAL = 0;
const PROVINCE = 1;
const INSURANCE = 2;
const CITIZEN = { as: 'me.lan', citizen: true };
const SHOTS = [
  { name: 'national-home', node: NATIONAL, path: '/' },
  { name: 'national-figures', node: NATIONAL, path: '/chi-so' },
  { name: 'sign-in', node: NATIONAL, path: '/dang-nhap' },
  { name: 'province-home', node: PROVINCE, path: '/' },
  { name: 'search', node: PROVINCE, path: '/tim?q=dang%20ky%20khai%20sinh' },
  { name: 'service', node: PROVINCE, path: '/dich-vu/1.001193' },
  { name: 'drafts', node: PROVINCE, path: '/ban-nhap', ...CITIZEN },
  { name: 'dossiers', node: PROVINCE, path: '/ho-so', ...CITIZEN },
  { name: 'my-data', node: PROVINCE, path: '/du-lieu-cua-toi', ...CITIZEN },
  { name: 'inbox', node: PROVINCE, path: '/mot-cua', as: 'hotich' },
  { name: 'birth-book', node: PROVINCE, path: '/ho-tich/khai-sinh', as: 'hotich' },
  { name: 'population', node: NATIONAL, path: '/dan-cu', as: 'danso' },
  { name: 'insurance', node: INSURANCE, path: '/bao-hiem', as: 'bhxh' },
];

async function shoot(chrome, urls, shot, width) {
  const reader = await person(chrome, { width });
  if (shot.as) await signIn(reader, urls[shot.node], shot.as, { citizen: shot.citizen });
  const answer = await reader.goto(urls[shot.node] + shot.path);
  check(answer.ok(), `${shot.path} answers ${answer.status()}`);
  await sound(reader, `${shot.name} at ${width}`);
  await reader.screenshot({ path: path.join(OUT, `${shot.name}-${width}.png`), fullPage: true });
  await reader.context().close();
}

await play('screenshots', async (story) => {
  mkdirSync(OUT, { recursive: true });
  const { urls } = await story.step('the nation stands', () => nation(story));
  const chrome = await browser(story);
  const faults = [];
  for (const shot of SHOTS) {
    for (const width of [360, 1280]) {
      await story.step(`${shot.name} at ${width}`, () => shoot(chrome, urls, shot, width)
        .catch((e) => { faults.push(e.message); console.log(`${shot.name}: ${e.message}`); }));
    }
  }
  check(!faults.length, `${faults.length} pages with faults: every page is sound`);
});
