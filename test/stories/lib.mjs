// SPDX-License-Identifier: Apache-2.0
// What the browser stories share: steps that are timed and named, a demonstration nation of their
// own, Debian's Chromium, axe, and checks of every page (no script error, nothing refused by the
// content security policy, nothing wider than the screen).
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const NODES = 6; // three for people, three for the exchange

export function check(truth, what) {
  if (!truth) throw new Error(`not so: ${what}`);
}

export function equal(seen, wanted, what) {
  if (seen === wanted) return;
  throw new Error(`${what}: ${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`);
}

/** Plays `body(story)`; story.step(name, fn) prints each step. Exits, 0 when all held. */
export async function play(name, body) {
  const endings = [];
  const story = {
    atEnd: (fn) => endings.push(fn),
    async step(label, fn) {
      const start = performance.now();
      const result = await fn();
      console.log(`${name}: ${label} (${Math.round(performance.now() - start)} ms)`);
      return result;
    },
  };
  let code = 0;
  try {
    await body(story);
  } catch (e) {
    console.error(`${name}: FAILED\n${e.stack}`);
    code = 1;
  }
  for (const end of endings.reverse()) await end();
  process.exit(code);
}

function isFree(port) {
  return new Promise((answer) => {
    const server = createServer();
    server.once('error', () => answer(false));
    server.listen(port, '127.0.0.1', () => server.close(() => answer(true)));
  });
}

export async function freePorts() {
  for (let turn = 0; turn < 50; turn++) {
    const lane = (Number(process.env.DINH_LANE || 0) % 4) * 3000; // nobody else's meanwhile
    const first = 20000 + lane + Math.floor(Math.random() * 1490);
    const all = await Promise.all(Array.from({ length: NODES }, (_, i) => isFree(first + i)));
    if (all.every(Boolean)) return first;
  }
  throw new Error('no free ports');
}

export async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** A nation that was made and is stopped again: what an administrator does to its nodes then. */
export async function makeOnly(program, dir, port) {
  const child = spawn(program, ['demo', '--data', dir, '--port', String(port)],
    { stdio: 'ignore' });
  const ended = new Promise((done) => { child.once('exit', done); });
  for (let turn = 0; turn < 1200 && child.exitCode === null; turn++) {
    const up = await Promise.all([0, 1, 2].map(
      (i) => answers(`http://127.0.0.1:${port + i}/healthz`)));
    if (up.every(Boolean)) break;
    await new Promise((r) => { setTimeout(r, 100); });
  }
  child.kill('SIGTERM');
  equal(await ended, 0, 'a nation is made');
}

/** Starts a nation in a folder of its own: {urls: [national, province, insurance]}. `after` names a
 *  story of the program that is played in it first; `stay`: by the same nodes, so that their
 *  figures tell of it. `before(program, dir)` is called once the nodes are made, none running. */
export async function nation(story, { after, stay = false, before } = {}) {
  const program = process.env.DINH_BIN || path.join(ROOT, 'build', 'dinh');
  const dir = mkdtempSync(path.join(tmpdir(), 'dinh-story-'));
  const port = await freePorts();
  if (before) {
    await makeOnly(program, dir, port);
    before(program, dir);
  }
  if (after && !stay) {
    const played = spawnSync(program, ['demo', '--data', dir, '--port', String(port),
      '--story', after], { encoding: 'utf8' });
    equal(played.status, 0, `story ${after}: ${played.stdout}`);
  }
  let said = '';
  const told = stay ? ['--story', after, '--stay'] : [];
  const child = spawn(program, ['demo', '--data', dir, '--port', String(port), ...told],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((done) => { child.once('exit', done); });
  child.stdout.on('data', (text) => { said += text; });
  child.stderr.on('data', (text) => { said += text; });
  story.atEnd(async () => {
    child.kill('SIGTERM');
    await Promise.race([ended, new Promise((r) => { setTimeout(r, 60000).unref(); })]);
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  const urls = [0, 1, 2].map((i) => `http://127.0.0.1:${port + i}`);
  for (let turn = 0; turn < (stay ? 1500 : 1200); turn++) {
    const up = await Promise.all(urls.map((url) => answers(`${url}/healthz`)));
    const done = !stay || said.includes('quantri'); // the accounts are told when it stands
    if (done && up.every(Boolean)) return { urls, dir, port, said: () => said };
    if (child.exitCode !== null) break;
    await new Promise((r) => { setTimeout(r, 100); });
  }
  throw new Error(`the nation did not start:\n${said}`);
}

/** What a phone reads on the printed first page of a PDF, by poppler and zbar. */
export function codeOn(pdf) {
  const page = execFileSync('pdftoppm', ['-r', '200', '-gray', '-png', '-singlefile', '-'],
    { input: pdf });
  return execFileSync('zbarimg', ['--quiet', '--raw', '--nodbus', '-'],
    { input: page, encoding: 'utf8' }).trim();
}

/** Debian's Chromium; closed at the end of the story. */
export async function browser(story) {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser']
    .find((p) => existsSync(p));
  const made = await chromium.launch({
    executablePath,
    args: process.getuid() === 0 ? ['--no-sandbox'] : [],
  });
  story.atEnd(() => made.close());
  return made;
}

/** A person at a screen: one context, one page, and what went wrong on it. */
export async function person(chrome, { width = 1280, scripts = true, lang = 'vi-VN' } = {}) {
  const context = await chrome.newContext({
    javaScriptEnabled: scripts, locale: lang, viewport: { width, height: 900 },
  });
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (e) => complaints.push(e.message));
  page.on('console', (m) => {
    const refused = /Content Security Policy|Refused to/.test(m.text());
    if (refused || (m.type() === 'error' && !/status of 4\d\d/.test(m.text()))) {
      complaints.push(m.text());
    }
  });
  page.complaints = complaints;
  return page;
}

const NARROW = [320, 360]; // 320: a screen of 1280 at 400 %

async function fits(page, name) {
  const was = page.viewportSize();
  for (const width of [...NARROW, was.width]) {
    await page.setViewportSize({ width, height: was.height });
    const wide = await page.evaluate(() => document.scrollingElement.scrollWidth
      - document.documentElement.clientWidth);
    check(wide <= 0, `${name}: at ${width} the page is not ${wide} pixels wider than the screen`);
  }
}

async function uniqueIds(page, name) {
  const twice = await page.evaluate(() => {
    const ids = Array.from(document.querySelectorAll('[id]'), (e) => e.id);
    return ids.filter((id, i) => ids.indexOf(id) !== i);
  });
  equal(twice.join(' '), '', `${name}: ids that stand twice`);
}

/** Axe finds nothing, no id stands twice, no script failed, the page has a title, and nothing is
 *  wider than the screen, at 320 and 360 pixels too. */
export async function sound(page, name) {
  check((await page.title()).includes(' - '), `${name}: has a title`);
  await uniqueIds(page, name);
  equal(page.complaints.join('\n'), '', `${name}: complaints of the browser`);
  await page.evaluate(AXE);
  const found = await page.evaluate(
    () => window.axe.run(document, { resultTypes: ['violations'] }));
  const words = found.violations.map((v) => `${v.id}: ${v.help}\n  ${
    v.nodes.slice(0, 3).map((n) => n.html).join('\n  ')}`);
  equal(words.join('\n'), '', `${name}: axe`);
  await fits(page, name);
}

/** Opens `url` with nothing kept and gives the bytes that came over the wire, headers included. */
export async function weigh(chrome, url) {
  const context = await chrome.newContext();
  const page = await context.newPage();
  const wire = await context.newCDPSession(page);
  let bytes = 0;
  await wire.send('Network.enable');
  wire.on('Network.loadingFinished', (e) => { bytes += e.encodedDataLength; });
  await page.goto(url, { waitUntil: 'networkidle' });
  await context.close();
  return bytes;
}

/** The password of all demonstration accounts, as the country pack has it. */
export const PASSWORD = JSON.parse(readFileSync(
  path.join(ROOT, 'country', 'vn', 'people', 'demo_accounts.json'), 'utf8')).password;

/** Agrees that the portal on the other side is told who this is; who agreed before isn't asked. */
export async function agree(page) {
  const yes = page.locator('form[action="/dang-nhap/dong-y"] button[value="allow"]');
  if (!await yes.count()) return false;
  await yes.click();
  await page.waitForURL((url) => !url.pathname.startsWith('/dang-nhap/dong-y'));
  await page.waitForLoadState();
  return true;
}

/** Signs `user` in at `url`; a citizen is carried to the national node and back. */
export async function signIn(page, url, user, { citizen = false } = {}) {
  await page.goto(`${url}/dang-nhap`);
  const carried = page.locator('.dinh-choice a.govuk-button');
  if (citizen && await carried.count()) await carried.click();
  await page.fill('input[name="username"]', user);
  await page.fill('input[name="password"]', PASSWORD);
  await page.click('main form button[type="submit"]');
  await page.waitForLoadState();
  if (citizen) await agree(page);
  check(!await page.locator('input[name="password"]').count(), `${user} is signed in at ${url}`);
  check(page.url().startsWith(url), `${user} is at ${url}, not ${page.url()}`);
}
