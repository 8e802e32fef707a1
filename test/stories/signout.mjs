#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Signed out at the nation, signed out at the province (OpenID Connect Back-Channel Logout 1.0), as
// a program that isn't ours judges it: jose reads what the nation says and makes what the province
// must not believe. Both nodes are killed between: what was acknowledged arrives, and counts once.
import { spawn } from 'node:child_process';
import { createPrivateKey, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SignJWT, createRemoteJWKSet, generateKeyPair, jwtVerify } from 'jose';
import {
  ROOT, answers, browser, check, equal, freePorts, makeOnly, person, play, signIn, sound,
} from './lib.mjs';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const SHOTS = process.env.DINH_SHOTS;
const NODES = ['national', 'h57'];

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** The client's own end of the channel: what was said to it, once it listens. */
class Listener {
  constructor(port) {
    this.port = port;
    this.said = [];
    this.server = createServer((request, answer) => {
      let body = '';
      request.on('data', (part) => { body += part; });
      request.on('end', () => {
        this.said.push({ path: request.url, type: request.headers['content-type'], body });
        answer.writeHead(200, { 'cache-control': 'no-store' }).end();
      });
    });
  }

  async listen() {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async heard(seconds = 60) {
    for (let turn = 0; turn < seconds * 10 && !this.said.length; turn++) await pause(100);
    check(this.said.length, `the client is told within ${seconds} s`);
    return this.said.shift();
  }
}

/** Two nodes as processes of their own; the nation is told where the province listens. */
class Two {
  constructor(program, dir, port) {
    Object.assign(this, { program, dir, port, running: new Map() });
    this.urls = NODES.map((_, i) => `http://127.0.0.1:${port + i}`);
  }

  async start(name) {
    const child = spawn(this.program, ['serve', '--data', path.join(this.dir, name), '--clock',
      path.join(this.dir, 'clock')], { stdio: 'ignore' });
    this.running.set(name, { child, ended: once(child, 'exit') });
    const url = `${this.urls[NODES.indexOf(name)]}/healthz`;
    for (let turn = 0; turn < 1200 && child.exitCode === null; turn++) {
      if (await answers(url)) return;
      await pause(100);
    }
    throw new Error(`${name} did not start`);
  }

  async kill(name) {
    const { child, ended } = this.running.get(name);
    child.kill('SIGKILL');
    await ended;
  }

  async end() {
    for (const { child, ended } of this.running.values()) {
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function listensAt(dir, url) {
  const file = path.join(dir, 'national/federation.json');
  const all = JSON.parse(readFileSync(file, 'utf8'));
  all.nodes.find((row) => row.name === 'h57').backchannel_logout_uri = url;
  writeFileSync(file, JSON.stringify(all, null, 1));
}

async function judged(urls, { path: at, type, body }) {
  equal(at, '/ended?x=1', 'the address of its row, and no other');
  equal(type, 'application/x-www-form-urlencoded', 'a form');
  const form = new URLSearchParams(body);
  equal([...form.keys()].join(), 'logout_token', 'with one field');
  const token = form.get('logout_token');
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${urls[0]}/oidc/jwks`)), {
    issuer: urls[0], audience: 'H57', typ: 'logout+jwt', algorithms: ['ES256'], maxTokenAge: 300,
    requiredClaims: ['iat', 'exp', 'jti', 'sub', 'sid', 'events'] });
  equal(JSON.stringify(payload.events), JSON.stringify({ [EVENT]: {} }), 'the event');
  check(!('nonce' in payload), 'no nonce');
  return { token, payload };
}

async function says(url, token) {
  const answer = await fetch(`${url}/oidc/backchannel-logout`, { method: 'POST',
    body: new URLSearchParams({ logout_token: token }) });
  equal(answer.headers.get('cache-control'), 'no-store', 'nobody keeps the answer');
  await answer.text();
  return answer.status;
}

/** What jose makes of the same words: by another key, of another kind, without the event, with a
 *  nonce, for another client; and well, which is believed. */
async function lies({ urls, dir }, { sub, sid }) {
  const key = createPrivateKey(readFileSync(path.join(dir, 'national/keys/sign.key')));
  const { keys: [{ kid }] } = await (await fetch(`${urls[0]}/oidc/jwks`)).json();
  const { privateKey: other } = await generateKeyPair('ES256');
  const made = (claims, { by = key, typ = 'logout+jwt', aud = 'H57' } = {}) => new SignJWT(
    { sub, sid, events: { [EVENT]: {} }, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid, typ }).setIssuer(urls[0]).setAudience(aud)
    .setIssuedAt().setExpirationTime('2m').setJti(randomUUID()).sign(by);
  for (const token of [await made({}, { by: other }), await made({}, { typ: 'JWT' }),
    await made({ events: {} }), await made({ nonce: 'x' }), await made({}, { aud: 'G24' })]) {
    equal(await says(urls[1], token), 400, 'a lie');
  }
  equal(await says(urls[1], await made({ sub: 'nobody', sid: 'none' })), 200, 'of nobody here');
}

const isIn = async (page, url) => {
  await page.goto(`${url}/tai-khoan`);
  return new URL(page.url()).pathname === '/tai-khoan'
    && await page.locator('form[action="/dang-xuat"]').count() > 0;
};

async function tells(page, url, name) {
  await page.goto(`${url}/tai-khoan/thong-bao`);
  check((await page.locator('h1').innerText()).includes('Quý vị đã được đăng xuất'),
    `the page that says so, not ${await page.title()}`);
  await sound(page, name);
  if (SHOTS) await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true });
  await page.click('main a.govuk-button');
  equal(new URL(page.url()).searchParams.get('next'), '/tai-khoan/thong-bao', 'back to here');
}

await play('signout', async (story) => {
  const program = process.env.DINH_BIN || path.join(ROOT, 'build', 'dinh');
  const dir = mkdtempSync(path.join(tmpdir(), 'dinh-story-'));
  const port = await freePorts();
  const two = new Two(program, dir, port);
  const listener = new Listener(port + 2); // where nobody listens: the third node stays down
  story.atEnd(() => two.end());
  await story.step('two nodes', async () => {
    await makeOnly(program, dir, port);
    listensAt(dir, `http://127.0.0.1:${listener.port}/ended?x=1`);
    for (const name of NODES) await two.start(name);
  });
  const chrome = await browser(story);
  const [nation, province] = two.urls;
  const desk = await person(chrome);
  const phone = await person(chrome, { width: 360 });
  await story.step('in at the province, at the desk and on the telephone', async () => {
    for (const page of [desk, phone]) await signIn(page, province, 'me.lan', { citizen: true });
  });
  await story.step('out at the nation; it is killed, and tells all the same', async () => {
    await desk.goto(`${nation}/dang-xuat`);
    await desk.click('main form[action="/dang-xuat"] button');
    await desk.waitForLoadState();
    await two.kill('national');
    check(await isIn(desk, province), 'nobody could tell yet');
    await listener.listen();
    story.atEnd(() => listener.server.close());
    await two.start('national');
    story.word = await judged(two.urls, await listener.heard());
  });
  await story.step('what the province must not believe', () => lies(two, story.word.payload));
  check(await isIn(desk, province), 'no lie signed her out');
  await story.step('it counts once, killed or not', async () => {
    equal(await says(province, story.word.token), 200, 'the word itself');
    await two.kill('h57');
    await two.start('h57');
    equal(await says(province, story.word.token), 400, 'overheard, said again');
  });
  await story.step('her next page says so, once', () => tells(desk, province, 'ended-1280'));
  check(await isIn(phone, province), 'the telephone is still in');
  await story.step('the telephone too, ended from the desk', async () => {
    await signIn(desk, nation, 'me.lan');
    await desk.goto(`${nation}/tai-khoan`);
    await desk.click('form[action="/tai-khoan/phien"] button');
    await desk.waitForLoadState();
    const { token } = await judged(two.urls, await listener.heard());
    equal(await says(province, token), 200, 'heard');
    await tells(phone, province, 'ended-360');
  });
});
