#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// `./dev screenshots`: the main pages of a fresh demonstration nation at 360 and 1280 pixels, into
// docs/screens. Each page must answer well and be sound (lib.mjs).
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT, browser, check, nation, person, play, signIn, sound } from './lib.mjs';

const OUT = path.join(ROOT, 'docs', 'screens');
const NATIONAL = 0;
const SHOTS = [
  { name: 'sign-in', node: NATIONAL, path: '/dang-nhap' },
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
  for (const shot of SHOTS) {
    for (const width of [360, 1280]) {
      await story.step(`${shot.name} at ${width}`, () => shoot(chrome, urls, shot, width));
    }
  }
});
