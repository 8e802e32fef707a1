#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// `./dev screenshots`: the main pages of a fresh demonstration nation at 360 and 1280 pixels, into
// docs/screens. Each page must answer well and be sound (lib.mjs).
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT, browser, check, nation, person, play, signIn, sound } from './lib.mjs';

const OUT = path.join(ROOT, 'docs', 'screens');
const [NATIONAL, PROVINCE] = [0, 1];
// `open` goes on from `path` to the page meant.
const SHOTS = [
  { name: 'home', node: NATIONAL, path: '/' },
  { name: 'sign-in', node: NATIONAL, path: '/dang-nhap' },
  { name: 'search', node: NATIONAL, path: '/tim?q=khai%20sinh' },
  { name: 'service', node: NATIONAL, path: '/dich-vu/1.001193' },
  { name: 'indicators', node: NATIONAL, path: '/chi-so' },
  { name: 'my-dossier', node: PROVINCE, path: '/ho-so', as: 'me.lan', citizen: true,
    open: (p) => p.click('main a[href^="/ho-so/000"]') },
  { name: 'draft', node: PROVINCE, path: '/dich-vu/1.001193/nop', as: 'me.hoa', citizen: true,
    open: async (p) => {
      await p.click('form[action="/dich-vu/1.001193/nop"] button');
      await p.waitForURL(/ban-nhap/);
    } },
  { name: 'mother', node: PROVINCE, path: '/ban-nhap', as: 'me.hoa', citizen: true,
    open: async (p) => {
      await p.click('main a[href^="/ban-nhap/"]');
      await p.waitForLoadState();
      await p.goto(`${p.url()}/mother`);
    } },
  { name: 'who-saw-my-data', node: NATIONAL, path: '/du-lieu-cua-toi', as: 'me.lan',
    citizen: true },
  { name: 'inbox', node: PROVINCE, path: '/mot-cua?hang=all', as: 'canbo.motcua' },
  { name: 'dossier', node: PROVINCE, path: '/mot-cua?hang=all', as: 'canbo.motcua',
    open: (p) => p.click('main td a[href^="/mot-cua/"]') },
  { name: 'birth-book', node: PROVINCE, path: '/mot-cua/so', as: 'canbo.motcua' },
];

async function shoot(chrome, urls, shot, width) {
  const reader = await person(chrome, { width });
  if (shot.as) await signIn(reader, urls[shot.node], shot.as, { citizen: shot.citizen });
  const answer = await reader.goto(urls[shot.node] + shot.path);
  check(answer.ok(), `${shot.path} answers ${answer.status()}`);
  if (shot.open) await shot.open(reader);
  await reader.waitForLoadState();
  await sound(reader, `${shot.name} at ${width}`);
  await reader.screenshot({ path: path.join(OUT, `${shot.name}-${width}.png`), fullPage: true });
  await reader.context().close();
}

await play('screenshots', async (story) => {
  mkdirSync(OUT, { recursive: true });
  const { urls } = await story.step('the nation stands', () => nation(story, { after: 'birth' }));
  const chrome = await browser(story);
  for (const shot of SHOTS) {
    for (const width of [360, 1280]) {
      await story.step(`${shot.name} at ${width}`, () => shoot(chrome, urls, shot, width));
    }
  }
});
