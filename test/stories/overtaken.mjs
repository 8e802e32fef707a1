#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Two at once, at the screen. A mother supplements her dossier: a bad day beside a clear photo, the
// photo stays; then somebody is first, she comes second, and reads what happened, what she entered
// and what to do now; and a clerk comes second. In Vietnamese and English, at 1280 and 360 pixels,
// with scripts and without. DINH_PICTURES names a folder for pictures of what she sees.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NATIONAL, PIXEL, PROVINCE, file, press } from './filing.mjs';
import { browser, check, equal, nation, person, play, signIn, sound } from './lib.mjs';

const blind = async () => {};
const WORDS = {
  'vi-VN': {
    fresh: 'Tệp mới, chưa gửi: ', changed: 'Hồ sơ đã thay đổi trước khi quý vị gửi',
    unsent: 'Phần bổ sung này chưa được gửi.', notWithdrawn: 'Yêu cầu rút hồ sơ này chưa được gửi.',
    typed: 'Những gì quý vị đã nhập', kept: 'được giữ đến hết ngày', accepted: 'Tiếp nhận',
    stopped: 'Đồng ý cho rút', anew: 'Nộp lại từ hồ sơ này', draft: 'Quý vị đang soạn dở',
    have: 'Đã có tệp: ',
  },
  'en-GB': {
    fresh: 'New file, not sent yet: ', changed: 'The dossier changed before you sent this',
    unsent: 'This supplement was not sent.', notWithdrawn: 'This request to withdraw was not sent.',
    typed: 'What you entered', kept: 'kept until the end of', accepted: 'Accept',
    stopped: 'Confirm the withdrawal', anew: 'File again from this dossier',
    draft: 'You have begun a supplement', have: 'Attached: ',
  },
};

async function picture(page, way, name) {
  const to = process.env.DINH_PICTURES;
  if (!to) return;
  mkdirSync(to, { recursive: true });
  await page.screenshot({ path: path.join(to, `${way.label}-${name}.png`), fullPage: true });
}

/** Sound, with what it must say; a picture of it. */
async function says(page, way, name, ...words) {
  const text = await page.textContent('main');
  for (const word of words) {
    check(text.includes(word), `${way.label}, ${name}: “${word}” in ${text}`);
  }
  await picture(page, way, name);
  if (way.scripts) await sound(page, `${way.label}, ${name}`);
}

/** Sends the form; with scripts on a refused one comes back into the same page. */
async function send(page, way, action) {
  if (!way.scripts) {
    await press(page, action);
    return;
  }
  await page.evaluate(() => { document.body.dataset.old = '1'; });
  await page.click(`form[action="${action}"] button[type="submit"]`);
  await page.waitForFunction(() => document.readyState === 'complete'
    && document.body && !document.body.dataset.old);
}

class Dossier {
  constructor(chrome, urls, photos, way) {
    Object.assign(this, { chrome, urls, photos, way, words: WORDS[way.lang] });
  }

  at(rest = '') { return `${this.urls[PROVINCE]}/ho-so/${this.code}${rest}`; }

  async filed(child) {
    this.mother = await person(this.chrome, this.way);
    await signIn(this.mother, this.urls[NATIONAL], this.way.user, { citizen: true });
    this.code = await file(this.mother, this.urls, child, this.photos[0], blind);
  }

  /** The clerk, to this dossier, with what is done there. */
  async clerk(does) {
    const official = await person(this.chrome, this.way);
    await signIn(official, this.urls[PROVINCE], 'canbo.motcua');
    await official.goto(`${this.urls[PROVINCE]}/mot-cua/${this.code}`);
    await does(official);
    await official.context().close();
  }

  act(name, reason) {
    return this.clerk(async (official) => {
      if (reason) await this.write(official, name, reason);
      await press(official, `/mot-cua/${this.code}/viec/${name}`);
    });
  }

  async write(official, act, reason) {
    const folded = official.locator('section details:not([open]) > summary');
    while (await folded.count()) await folded.first().click();
    await official.fill(`textarea[name="reason"]`, reason);
    check(act, 'an act');
  }

  /** At another device of hers. */
  async elsewhere(does) {
    const page = await person(this.chrome, this.way);
    await signIn(page, this.urls[NATIONAL], this.way.user, { citizen: true });
    await page.goto(`${this.urls[PROVINCE]}/dang-nhap/quoc-gia?next=/ho-so/${this.code}`);
    await does(page);
    await page.context().close();
  }
}

/** A bad day beside a clear photo: the photo needn't be chosen again, may go, may be replaced. */
async function attach(d) {
  const { mother, words, photos, way } = d;
  await mother.goto(d.at('/bo-sung'));
  await says(mother, way, 'asked', words.have);
  await mother.setInputFiles('input[name="birth_notice_file"]', photos[1]);
  await mother.fill('input[name="birth_notice_date"]', '31/2/2026');
  await send(mother, way, `/ho-so/${d.code}/bo-sung`);
  const name = path.basename(photos[1]);
  await says(mother, way, 'refused', words.fresh + name);
  equal(await mother.inputValue('input[name="birth_notice_date"]'), '31/2/2026', 'as typed');
  await mother.check('input[name="_bo.birth_notice_file"]');
  await send(mother, way, `/ho-so/${d.code}/bo-sung`);
  check(!(await mother.textContent('main')).includes(words.fresh), 'the photo is gone');
  await mother.setInputFiles('input[name="birth_notice_file"]', photos[1]);
  await send(mother, way, `/ho-so/${d.code}/bo-sung`);
  await mother.goto(d.at());
  await says(mother, way, 'half-done', words.draft);
  await mother.goto(d.at('/bo-sung'));
  await says(mother, way, 'came-back', words.fresh + name);
}

/** She asks to withdraw at another device, the clerk agrees; then she sends the supplement. */
async function citizenSecond(d) {
  const { mother, words, way } = d;
  await d.act('request_supplement', 'Ảnh giấy chứng sinh bị mờ, xin chụp lại.');
  await attach(d);
  await d.elsewhere(async (page) => {
    await page.goto(d.at('/rut'));
    await page.fill('textarea[name="reason"]', 'Về quê cha đăng ký');
    await press(page, `/ho-so/${d.code}/rut`);
  });
  await d.act('confirm_withdrawal');
  await mother.fill('input[name="birth_notice_number"]', 'GCS 999');
  await mother.fill('input[name="birth_notice_date"]', '31/2/2026');
  await mother.setInputFiles('input[name="birth_notice_file"]', d.photos[2]);
  await send(mother, way, `/ho-so/${d.code}/bo-sung`);
  await says(mother, way, 'too-late', words.changed, words.unsent, words.stopped, words.typed,
    words.kept, 'GCS 999', '31/2/2026', path.basename(d.photos[2]));
  await mother.goto(d.at('/bo-sung')); // and it is there when she looks again
  await says(mother, way, 'too-late-again', words.stopped, 'GCS 999', path.basename(d.photos[2]));
  await press(mother, `/ho-so/${d.code}/nop-lai`);
  check(mother.url().includes('/ban-nhap/'), `a new draft, not ${mother.url()}`);
  await says(mother, way, 'anew');
  await mother.goto(`${mother.url()}/birth_notice`);
  equal(await mother.inputValue('input[name="birth_notice_number"]'), 'GCS 999', 'typed before');
  await says(mother, way, 'anew-notice', words.have + path.basename(d.photos[2]));
}

/** The clerk accepts while she writes why she withdraws. */
async function withdrawsSecond(d) {
  const { mother, words, way } = d;
  await mother.goto(d.at('/rut'));
  await mother.fill('textarea[name="reason"]', 'Gia đình về quê cha');
  await d.act('accept');
  await press(mother, `/ho-so/${d.code}/rut`);
  await says(mother, way, 'not-withdrawn', words.changed, words.notWithdrawn, words.accepted,
    'Phan Thị Thu Hà', 'Gia đình về quê cha');
}

/** She withdraws while the clerk writes what is missing. */
async function clerkSecond(d) {
  const { mother, way } = d;
  const reason = 'Xin bổ sung ảnh rõ hơn.';
  await d.clerk(async (official) => {
    await d.write(official, 'request_supplement', reason);
    await mother.goto(d.at('/rut'));
    await mother.fill('textarea[name="reason"]', 'Gia đình về quê cha');
    await press(mother, `/ho-so/${d.code}/rut`);
    await press(official, `/mot-cua/${d.code}/viec/request_supplement`);
    await says(official, way, 'clerk-second', reason);
    const label = await official.textContent('label[for="f-reason"]'); // to decline needs a reason
    check(!/\(/.test(label), `${way.label}: said to be optional: ${label}`);
  });
}

const WAYS = [
  { label: 'vi-1280', lang: 'vi-VN', width: 1280, scripts: true, user: 'me.lan', child: 'Vi Rộng' },
  { label: 'en-360', lang: 'en-GB', width: 360, scripts: true, user: 'me.hoa', child: 'En Hẹp' },
  { label: 'vi-360-plain', lang: 'vi-VN', width: 360, scripts: false, user: 'me.thao',
    child: 'Vi Hẹp' },
];
const TALES = [['supplement', citizenSecond], ['withdrawal', withdrawsSecond],
  ['clerk', clerkSecond]];

await play('overtaken', async (story) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'dinh-photo-'));
  story.atEnd(() => rmSync(dir, { recursive: true, force: true }));
  const photos = ['giấy chứng sinh.png', 'rõ.png', 'rõ hơn.png'].map((n) => path.join(dir, n));
  photos.forEach((name) => writeFileSync(name, PIXEL));
  const { urls } = await story.step('the nation stands', () => nation(story));
  const chrome = await browser(story);
  for (const way of WAYS) {
    for (const [name, tell] of way.scripts ? TALES : TALES.slice(0, 1)) {
      const d = new Dossier(chrome, urls, photos, way);
      await story.step(`${way.label}: filed`, () => d.filed(`Trần ${way.child} ${name}`));
      await story.step(`${way.label}: ${name}`, () => tell(d));
      equal(d.mother.complaints.join('\n'), '', 'complaints of the browser');
      await d.mother.context().close();
    }
  }
});
