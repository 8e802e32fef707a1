#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// web/src/dinh.js and the style sheet alone, against a small server with our content security
// policy: each enhancement does what web/README.md says, and nothing is needed without it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { ROOT, browser, check, equal, person, play, sound } from './lib.mjs';

const state = { drafts: [], posts: 0, uploads: 0, steps: 1, streams: [], away: 0 };
const dist = (name) => readFileSync(path.join(ROOT, 'web', 'dist', name));
const TYPES = { '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' };

const page = () => `<!doctype html>
<html lang="vi" class="govuk-template"><head><meta charset="utf-8"><title>Thử - Đình</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/favicon.svg"><link rel="stylesheet" href="/dinh.css">
<script src="/dinh.js" defer></script></head>
<body class="govuk-template__body"><a href="#main" class="govuk-skip-link">Tới nội dung</a>
<header class="dinh-header"><div class="govuk-width-container dinh-header__inner">
<a class="dinh-mark" href="/"><img src="/roof.svg" alt="" width="48" height="36"><span>
<span class="dinh-mark__name">Cổng dịch vụ công</span><span class="dinh-mark__owner">Tỉnh</span>
</span></a></div></header>
<div class="govuk-width-container"><main class="dinh-main" id="main" tabindex="-1">
<div class="govuk-error-summary"><div role="alert"><h2 class="govuk-error-summary__title">Lỗi</h2>
<ul class="govuk-list govuk-error-summary__list"><li><a href="#name">Hãy nhập tên</a></li></ul>
</div></div>
<h1 class="govuk-heading-l">Thử</h1>
<p class="govuk-body"><span class="dinh-clock dinh-clock--ontime">Đúng hạn</span>
<span class="dinh-clock dinh-clock--soon">Sắp hạn</span>
<span class="dinh-clock dinh-clock--late">Quá hạn</span>
<span class="dinh-clock dinh-clock--paused">Tạm dừng</span></p>
<form id="f" method="post" action="/post" data-autosave="/draft">
<label class="govuk-label" for="name">Tên</label><input class="govuk-input" id="name" name="name">
<fieldset class="govuk-fieldset"><legend class="govuk-fieldset__legend">Nhận kết quả</legend>
<div class="govuk-radios"><div class="govuk-radios__item"><input class="govuk-radios__input" id="r1"
type="radio" name="way" value="post" data-aria-controls="more">
<label class="govuk-label govuk-radios__label" for="r1">Bưu điện</label></div>
<div class="govuk-radios__item"><input class="govuk-radios__input" id="r2" type="radio" name="way"
value="here"><label class="govuk-label govuk-radios__label" for="r2">Tại chỗ</label></div></div>
</fieldset><div id="more"><label class="govuk-label" for="place">Địa chỉ</label>
<input class="govuk-input" id="place" name="place"></div>
<div id="when" data-when="way" data-when-value="here"><p class="govuk-hint" data-when-words>Chỉ
điền khi tại chỗ.</p><label class="govuk-label" for="hour">Giờ</label>
<input class="govuk-input" id="hour" name="hour"></div>
<div id="far" data-when="elsewhere" data-when-value="1"><p class="govuk-hint" data-when-words>Chỉ
điền khi có.</p><label class="govuk-label" for="far-field">Xa</label>
<input class="govuk-input" id="far-field" name="far"></div>
<div id="wrong" data-when="way" data-when-value="post"><p class="govuk-hint" data-when-words>Chỉ
điền khi gửi.</p><div class="govuk-form-group govuk-form-group--error">
<label class="govuk-label" for="wrong-field">Sai</label>
<input class="govuk-input" id="wrong-field" name="wrong"></div></div>
<p class="dinh-saved" data-autosave-state data-saving="Đang lưu" data-saved="Đã lưu"
data-failed="Chưa lưu được" role="status"></p><button class="govuk-button">Gửi</button></form>
<form id="u" method="post" action="/upload" enctype="multipart/form-data" data-upload
data-most="200000" data-too-large="Tệp {1} quá lớn">
<label class="govuk-label" for="file">Tệp</label>
<input class="govuk-file-upload" id="file" type="file" name="file">
<progress class="dinh-progress" aria-label="Đang tải" hidden></progress>
<button class="govuk-button">Tải lên</button></form>
<div id="live" data-live="/events"><p class="govuk-body">Bước ${state.steps}</p></div>
<button class="govuk-button govuk-button--secondary" type="button" data-print hidden>In</button>
</main></div>
<footer class="dinh-footer"><div class="govuk-width-container"><p>Đình</p></div></footer>
</body></html>`;

function text(answer, status, type, body) {
  answer.writeHead(status, {
    'Content-Type': type,
    'Content-Security-Policy': "default-src 'self'; object-src 'none'; base-uri 'none'",
  });
  answer.end(body);
}

function serve(request, answer) {
  let body = '';
  request.on('data', (part) => { body += part; });
  request.on('end', () => {
    const name = request.url.slice(1);
    if (name === 'draft') {
      state.drafts.push(body);
      text(answer, 200, 'application/json', '{}');
    } else if (name === 'post') {
      state.posts += 1;
      setTimeout(() => text(answer, 200, 'text/html; charset=utf-8', page()), 300);
    } else if (name === 'upload') {
      state.uploads += 1;
      answer.writeHead(303, { Location: '/thanks' });
      answer.end();
    } else if (name === 'events' && state.away) {
      state.away -= 1;
      text(answer, 503, 'text/html; charset=utf-8', page());
    } else if (name === 'events') {
      answer.writeHead(200, { 'Content-Type': 'text/event-stream' });
      answer.write(': here\n\n');
      state.streams.push(answer);
    } else if (path.extname(name) in TYPES) {
      text(answer, 200, TYPES[path.extname(name)], dist(name));
    } else {
      text(answer, 200, 'text/html; charset=utf-8', page());
    }
  });
}

await play('script', async (story) => {
  const server = createServer(serve);
  await new Promise((up) => { server.listen(0, '127.0.0.1', up); });
  story.atEnd(() => { server.closeAllConnections(); server.close(); });
  const url = `http://127.0.0.1:${server.address().port}`;
  const chrome = await browser(story);
  const reader = await person(chrome);
  await reader.addInitScript(() => { // the longest wait of the script, shortened
    const later = window.setTimeout;
    window.setTimeout = (act, ms, ...more) => later(act, ms === 15000 ? 300 : ms, ...more);
  });

  await story.step('the page is sound at 1280, 360 and 320 pixels', async () => {
    await reader.goto(url);
    for (const width of [1280, 360, 320]) {
      await reader.setViewportSize({ width, height: 900 });
      await sound(reader, `${width}`);
    }
    await reader.setViewportSize({ width: 1280, height: 900 });
  });
  await story.step('the summary of faults has the focus and leads to the field', async () => {
    check(await reader.evaluate(() => document.activeElement.className.includes('error-summary')),
      'focus on the summary');
    await reader.click('.govuk-error-summary a');
    equal(await reader.evaluate(() => document.activeElement.id), 'name', 'focus');
  });
  await story.step('a further question shows when it is asked', async () => {
    check(!await reader.isVisible('#more'), 'hidden at first');
    await reader.check('#r1');
    check(await reader.isVisible('#more'), 'shown');
    await reader.check('#r2');
    check(!await reader.isVisible('#more'), 'hidden again');
  });
  await story.step('what is asked only sometimes stands there when it is', async () => {
    check(await reader.isVisible('#when'), 'the way is “here”');
    check(!await reader.isVisible('#when [data-when-words]'), 'no words about it');
    await reader.check('#r1');
    check(!await reader.isVisible('#when'), 'folded away');
    check(await reader.isVisible('#wrong'), 'asked');
    await reader.check('#r2');
    check(await reader.isVisible('#when'), 'back');
    check(await reader.isVisible('#wrong'), 'what has a fault stays');
    check(await reader.isVisible('#far'), 'as does what is decided on another page');
    check(await reader.isVisible('#far [data-when-words]'), 'with its words');
  });
  await story.step('what is typed is kept on the server', async () => {
    await reader.fill('#name', 'Nguyễn Văn An');
    await reader.waitForFunction(
      () => document.querySelector('.dinh-saved').textContent === 'Đã lưu');
    equal(new URLSearchParams(state.drafts.at(-1)).get('name'), 'Nguyễn Văn An', 'draft');
  });
  await story.step('a change elsewhere appears, what is typed stays', async () => {
    state.steps = 2;
    state.streams.forEach((s) => s.write('event: changed\ndata: 2\n\n'));
    await reader.waitForFunction(() => document.getElementById('live').textContent.includes('2'));
    equal(await reader.inputValue('#name'), 'Nguyễn Văn An', 'typed');
  });
  await story.step('what moved while the node was away appears once it is back', async () => {
    const had = state.streams.length;
    state.away = 1; // the front's 503, which a stream doesn't come back from by itself
    state.steps = 3;
    state.streams.forEach((s) => s.end('retry: 100\n\n'));
    await reader.waitForFunction(() => document.getElementById('live').textContent.includes('3'));
    equal(state.streams.length, had + 1, 'streams');
    equal(reader.complaints.splice(0).filter((x) => /status of 503/.test(x)).length, 1, 'refusals');
  });
  await story.step('printing is offered', async () => {
    check(await reader.isVisible('[data-print]'), 'button');
  });
  await story.step('two quick presses are one', async () => {
    const gone = reader.waitForNavigation();
    await reader.evaluate(() => {
      const button = document.querySelector('#f button');
      button.click();
      button.click();
    });
    await gone;
    equal(state.posts, 1, 'posts');
  });
  await story.step('a file that is too large is told before it is sent', async () => {
    const huge = { name: 'ảnh.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(200001) };
    await reader.setInputFiles('#file', huge);
    equal(await reader.textContent('#u .govuk-error-message'), 'Tệp ảnh.jpg quá lớn', 'words');
    await reader.click('#u button');
    await reader.waitForTimeout(200);
    equal(state.uploads, 0, 'uploads');
    await sound(reader, 'too large');
  });
  await story.step('a file goes up and its answer is followed', async () => {
    await reader.setInputFiles('#file', path.join(ROOT, 'LICENSE'));
    await reader.click('#u button');
    await reader.waitForURL('**/thanks');
    equal(state.uploads, 1, 'uploads');
  });
  await story.step('without scripts everything is there', async () => {
    const plain = await person(chrome, { scripts: false });
    await plain.goto(url);
    check(await plain.isVisible('#more'), 'further question shown');
    check(await plain.isVisible('#when [data-when-words]'), 'and when to answer');
    check(!await plain.isVisible('[data-print]'), 'no dead button');
    await plain.click('#f button');
    await plain.waitForURL('**/post');
    equal(state.posts, 2, 'posts');
  });
});
