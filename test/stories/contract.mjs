#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The contract of three running nodes, as programs that aren't ours judge it: each OpenAPI document
// by a validator, each JSON answer by the schema that the node itself publishes, each page by an
// HTML checker in both languages. The nodes have played the birth story; at the end every row of
// every route table has been answered well at least once, by the nodes' own figures.
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import path from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Validator } from '@seriousme/openapi-schema-validator';
import { HtmlValidate } from 'html-validate';
import { fileByJson } from './api_filing.mjs';
import { device } from './device.mjs';
import { ROOT, check, codeOn, equal, nation, play } from './lib.mjs';
import { asks } from './party.mjs';

const [NATIONAL, PROVINCE, INSURANCE] = [0, 1, 2];
const NODES = { N: [NATIONAL], P: [PROVINCE], I: [INSURANCE], A: [NATIONAL, PROVINCE, INSURANCE] };
const pack = (name) => JSON.parse(readFileSync(path.join(ROOT, 'country/vn', name), 'utf8'));
const { password: PASSWORD, accounts: ACCOUNTS } = pack('people/demo_accounts.json');
const faults = [];
const counts = { json: 0, pages: 0, problems: 0, heads: 0 };

function fault(where, what) {
  faults.push(`${where}: ${what}`);
}

// --- a client without scripts ------------------------------------------------------------------

/** Cookies by origin; redirects are followed by hand, at most 10, to any node. */
class Client {
  constructor(name) {
    this.name = name;
    this.jars = new Map();
  }

  jar(url) {
    const { origin } = new URL(url);
    if (!this.jars.has(origin)) this.jars.set(origin, new Map());
    return this.jars.get(origin);
  }

  async send(url, { method = 'GET', accept = 'text/html', lang = 'vi', headers = {}, body } = {}) {
    const cookie = [...this.jar(url)].filter(([name]) => name !== 'lang')
      .map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      method, body, redirect: 'manual', signal: AbortSignal.timeout(20000),
      headers: { accept, 'accept-language': lang, ...(cookie && { cookie }), ...headers },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/Max-Age=0/i.test(line)) this.jar(url).delete(name);
      else this.jar(url).set(name, value);
    }
    const type = answer.headers.get('content-type') || '';
    const text = type.startsWith('text/event-stream') ? '' : await answer.text();
    if (type.startsWith('text/event-stream')) await answer.body.cancel();
    return { url, status: answer.status, type, text, headers: answer.headers };
  }

  async follow(answer, options) {
    let at = answer;
    for (let turn = 0; turn < 10 && at.status === 303; turn++) {
      at = await this.send(new URL(at.headers.get('location'), at.url).href, options);
    }
    return at;
  }

  get(url, options) {
    return this.send(url, options);
  }

  json(url) {
    return this.send(url, { accept: 'application/json' });
  }

  async post(url, fields) {
    const session = await this.json(new URL('/phien', url).href);
    const body = new URLSearchParams({ _csrf: JSON.parse(session.text).csrf, ...fields });
    return this.send(url, { method: 'POST', body });
  }
}

/** What a form of words leads to: they lie sealed in its address. */
async function searched(client, url, fields) {
  const sent = await client.post(url, fields);
  equal(sent.status, 303, `${url} is searched: ${sent.text.slice(0, 300)}`);
  const to = new URL(sent.headers.get('location'), url).href;
  for (const words of ['words', 'tim', 'tu'].map((name) => fields[name]).filter(Boolean)) {
    check(!to.includes(words), `${to} tells whom was looked for`);
  }
  return client.json(to);
}

async function signedIn(urls, account) {
  const client = new Client(account.user);
  const nodes = { national: [NATIONAL], province: [PROVINCE], insurance: [INSURANCE],
    all: NODES.A }[account.node];
  for (const node of nodes) {
    const sent = await client.post(`${urls[node]}/dang-nhap`,
      { username: account.user, password: PASSWORD });
    equal(sent.status, 303, `${account.user} signs in at ${urls[node]}`);
  }
  if (account.kind !== 'citizen') return client;
  let carried = await client.follow(await client.get(`${urls[PROVINCE]}/dang-nhap/quoc-gia`));
  if (carried.url.includes('/dang-nhap/dong-y')) { // the first time only
    const hidden = (name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(carried.text)[1]
      .replaceAll('&amp;', '&');
    carried = await client.follow(await client.post(`${urls[NATIONAL]}/dang-nhap/dong-y`,
      { client: hidden('client'), next: hidden('next'), answer: 'allow' }));
  }
  equal(carried.status, 200, `${account.user} is carried to the province`);
  check(carried.url.startsWith(urls[PROVINCE]), `${account.user} is at ${carried.url}`);
  return client;
}

// --- what the rows must answer: one table for the C suites and for us ---------------------------

/** Rows of contract_rows.def by node, method and path. */
function rules() {
  const text = readFileSync(path.join(ROOT, 'src/app/test/contract_rows.def'), 'utf8')
    .replace(/\/\*[^]*?\*\//g, '');
  const found = new Map();
  for (const [, nodes, method, at, address] of text.matchAll(
    /ROW\(([NPIA| ]+),\s*"(\w+)",\s*"([^"]+)",\s*(NULL|"[^"]*")/g)) {
    for (const node of nodes.split('|').flatMap((n) => NODES[n.trim()])) {
      found.set(`${node} ${method} ${at}`, address === 'NULL' ? at : address.slice(1, -1));
    }
  }
  check(found.size > 40, 'contract_rows.def is read');
  return found;
}

// --- judges ------------------------------------------------------------------------------------

const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
// Formats of OpenAPI that JSON Schema leaves to it.
ajv.addFormat('int64', true);

/** The schema of an answer, its references resolved within the document. */
function schemaOf(doc, node, at, method) {
  const content = doc.paths[at]?.[method]?.responses?.['200']?.content;
  const schema = content?.['application/json']?.schema;
  return schema && compiled(doc, `${node}${at}${method}`, schema);
}

function compiled(doc, id, schema) {
  const key = `dinh:${encodeURIComponent(id)}`;
  return ajv.getSchema(key)
    || ajv.compile({ $id: key, ...schema, components: doc.components });
}

// What others define: the members a reader of the standard may count on.
const PROTOCOLS = {
  '/openapi.json': ['openapi', 'info', 'paths', 'components'],
  '/oidc/jwks': ['keys'], // RFC 7517
  '/.well-known/openid-configuration': ['issuer', 'authorization_endpoint', 'token_endpoint',
    'jwks_uri', 'response_types_supported', 'subject_types_supported',
    'id_token_signing_alg_values_supported'], // OpenID Connect Discovery 1.0, section 3
};

/** The answer of a row: by the document's schema, by its standard, or the place a redirect leads
 *  to (the document's description tells). */
function judgeAnswer(where, doc, node, at, answer) {
  const validate = schemaOf(doc, node, at, 'get');
  const value = JSON.parse(answer.text);
  if (Object.keys(value).join() === 'location') {
    counts.json++;
    if (typeof value.location !== 'string') fault(where, 'a location that is no text');
  } else if (PROTOCOLS[at]) {
    counts.json++;
    const missing = PROTOCOLS[at].filter((name) => !(name in value));
    if (missing.length) fault(where, `without ${missing.join(', ')}`);
  } else if (validate) judgeJson(where, validate, answer);
  else fault(where, 'answers JSON of which the document says nothing');
}

function judgeJson(where, validate, answer) {
  counts.json++;
  let value;
  try {
    value = JSON.parse(answer.text);
  } catch (e) {
    fault(where, `no JSON: ${e.message}`);
    return;
  }
  if (!validate(value)) fault(where, ajv.errorsText(validate.errors));
}

function judgeProblem(where, doc, node, answer) {
  counts.problems++;
  if (!answer.type.startsWith('application/problem+json')) {
    fault(where, `${answer.status} is no problem document but ${answer.type}`);
    return;
  }
  const { schema } = doc.components.responses.problem.content['application/problem+json'];
  judgeJson(where, compiled(doc, `${node}problem`, schema), answer);
}

const html = new HtmlValidate({
  extends: ['html-validate:standard', 'html-validate:a11y', 'html-validate:document'],
  rules: {
    'require-sri': 'off', // style and script come from the page's own origin, named by their hash
    'prefer-native-element': ['error', { exclude: ['region'] }], // a table that scrolls by keyboard
    'heading-level': ['error', { minInitialRank: 'h2' }], // the error summary stands first
  },
});

async function judgePage(where, answer, lang) {
  counts.pages++;
  const title = /<title>([^<]+)<\/title>/.exec(answer.text);
  if (!title || !title[1].trim()) fault(where, 'no title');
  if (!answer.text.includes(`<html lang="${lang}"`)) fault(where, `not in ${lang}`);
  const report = await html.validateString(answer.text, where);
  for (const m of report.results.flatMap((r) => r.messages)) {
    fault(where, `${m.ruleId} at ${m.line}:${m.column}: ${m.message} ${
      answer.text.split('\n')[m.line - 1].slice(Math.max(0, m.column - 60), m.column + 60)}`);
  }
}

// --- one row -----------------------------------------------------------------------------------

/** The first of the people who gets the page well; the last answer where nobody does. */
async function anybody(people, url, options) {
  let answer;
  for (const client of people) {
    answer = { ...await client.get(url, options), client };
    if (answer.status < 400 && !`${answer.headers.get('location')}`.includes('next=')) break;
  }
  return answer;
}

async function judgeGet(story, node, doc, at, address) {
  const { urls, people } = story;
  const where = `${urls[node]}${address} (${at})`;
  const page = await anybody(people, `${urls[node]}${address}`);
  const { client } = page;
  if (page.type.startsWith('text/html')) {
    await judgePage(where, page, 'vi');
    await judgePage(where, await client.get(page.url, { lang: 'en' }), 'en');
  }
  const json = await client.json(page.url);
  const validate = schemaOf(doc, node, at, 'get');
  const isPage = page.status === 200 && page.type.startsWith('text/html');
  if (isPage && json.status !== 200) fault(where, `a page, but ${json.status} as JSON`);
  if (isPage && !validate) fault(where, 'a page that the document says nothing of');
  if (at === '/oidc/userinfo') equal(JSON.parse(json.text).error, 'invalid_token', where);
  else if (json.status >= 400) judgeProblem(where, doc, node, json);
  else if (json.type.startsWith('application/json')) judgeAnswer(where, doc, node, at, json);
  else if (validate) fault(where, `answers ${json.type}, not the JSON of the document`);
  if (json.type.startsWith('text/event-stream')) return;
  const head = await client.send(page.url, { method: 'HEAD' });
  counts.heads++;
  if (head.status !== page.status || head.text) fault(where, `HEAD: ${head.status} ${head.text}`);
}

async function judgeRefusals(story, node, doc) {
  const { urls, people } = story;
  for (const address of ['/khong-co', '/ho-so/khong-co', '/ban-nhap/khong-co/khong-co',
    '/loi/khong-co']) {
    const url = `${urls[node]}${address}`;
    const json = await people[1].json(url);
    check(json.status >= 400, `${url} is refused`);
    judgeProblem(url, doc, node, json);
    for (const lang of ['vi', 'en']) await judgePage(url, await people[1].get(url, { lang }), lang);
  }
  for (const lang of ['vi', 'en']) {
    const again = await new Client('typist').send(`${urls[node]}/dang-nhap`,
      { method: 'POST', lang, body: new URLSearchParams({ username: 'ai-do', password: '' }) });
    equal(again.status, 422, 'a sign-in without password');
    await judgePage(`${urls[node]}/dang-nhap again`, again, lang);
  }
}

// --- what the story left -----------------------------------------------------------------------

function rowOf(answer, what) {
  equal(answer.status, 200, `${what}: ${answer.text.slice(0, 300)}`);
  const { rows } = JSON.parse(answer.text);
  check(rows.length > 0, `${what} has rows`);
  return rows[0];
}

/** The words of contract_rows.def, from the nodes' own answers. */
async function harvest(story) {
  const { urls, by } = story;
  const done = rowOf(await by['me.lan'].json(`${urls[PROVINCE]}/ho-so`), 'her dossiers').code;
  const book = rowOf(await by.hotich.json(`${urls[PROVINCE]}/ho-tich/khai-sinh`), 'the book');
  const [, , , , year, number] = book.href.split('/');
  const cards = rowOf(await by.bhxh.json(`${urls[INSURANCE]}/the-bao-hiem`), 'the cards');
  const people = rowOf(await searched(by.danso, `${urls[NATIONAL]}/dan-cu`,
    { purpose: 'population_management', matter: '12/KH-BCA', words: 'nguyen' }),
  'the population register');
  await searched(by['canbo.motcua'], `${urls[PROVINCE]}/mot-cua`, { tu: 'nguyen' });
  const icon = await by['me.lan'].get(`${urls[NATIONAL]}/favicon.ico`);
  return { done, waiting: done, year, number, person: people.id,
    card: cards.href.split('/').pop().split('?')[0],
    token: await tokenOf(story, done),
    asset: icon.headers.get('location').split('/').pop(), draft: await draftOf(story) };
}

/** What a phone reads on the printed receipt: the last part of the address that anybody may ask. */
async function tokenOf({ urls, by }, code) {
  const url = `${urls[PROVINCE]}/ho-so/${code}/giay/receipt`;
  const cookie = [...by['me.lan'].jar(url)].map(([name, value]) => `${name}=${value}`).join('; ');
  const answer = await fetch(url, { headers: { cookie } });
  const said = codeOn(Buffer.from(await answer.arrayBuffer()));
  check(said.startsWith(`${urls[PROVINCE]}/giay/${code}/receipt/`), `it leads there: ${said}`);
  return new URL(said).pathname.split('/').pop();
}

async function draftOf({ urls, by }) {
  const begun = await by['me.lan'].post(`${urls[PROVINCE]}/dich-vu/1.001193/nop`,
    { requester_relation: 'mother' });
  equal(begun.status, 303, 'a draft is begun');
  return begun.headers.get('location').split('/').pop();
}

function filled(address, words) {
  return address.replace(/\$([a-z]+)/g, (_, name) => {
    check(words[name], `$${name} is known`);
    return encodeURIComponent(words[name]);
  });
}

// --- every row answered well at least once ------------------------------------------------------

async function wellAnswered(urls) {
  const seen = new Set();
  for (const url of urls) {
    const text = await (await fetch(`${url}/metrics`)).text();
    for (const [, method, at, status] of text.matchAll(
      /^dinh_http_requests_total\{.*?,method="(\w*)",route="([^"]*)",status="(\d+)"\}/gm)) {
      if (/^[23]/.test(status)) seen.add(`${method} ${at.replace('*}', '}')}`);
    }
  }
  return seen;
}

/** Of each node an official's account that isn't the administrator's own. */
async function accountsOf({ urls, by }) {
  const ids = [];
  for (const url of urls) {
    const list = JSON.parse((await by.quantri.json(`${url}/quan-tri/tai-khoan`)).text);
    ids.push(list.rows.find((row) => row.username !== 'quantri').id);
  }
  return ids;
}

/** A post given and ended, a password, sessions ended, an account locked and opened. */
async function administration({ urls, by }) {
  const list = `${urls[PROVINCE]}/quan-tri/tai-khoan`;
  const found = rowOf(await searched(by.quantri, list, { tim: 'kiemtra' }), 'the auditor is found');
  const [at, reason] = [`${list}/${found.id}`, 'thử hợp đồng giao diện'];
  const given = await by.quantri.post(`${at}/chuc-danh`,
    { role: 'supervisor', unit: 'H57.31', reason });
  equal(given.status, 303, `a post is given: ${given.text.slice(0, 300)}`);
  const { posts } = JSON.parse((await by.quantri.json(at)).text);
  equal(posts.length, 2, 'two posts');
  const proved = await by.quantri.post(`${urls[PROVINCE]}/phien`, { proof: PASSWORD });
  equal(proved.status, 303, 'who acts is proved again');
  for (const act of [`chuc-danh/${posts[1].id}/thoi`, 'phien', 'khoa', 'mo']) {
    equal((await by.quantri.post(`${at}/${act}`, { reason })).status, 303, act);
  }
  for (const lang of ['vi', 'en']) {
    await judgePage(`${at} after`, await by.quantri.get(at, { lang }), lang);
  }
  const once = await by.quantri.post(`${at}/mat-khau`, { reason });
  equal(once.status, 200, 'a one-time password');
  await judgePage(`${at}/mat-khau`, once, 'vi');
}

const REASON = 'Người bệnh hôn mê, cần báo tin cho người thân';

/** Somebody asks, a second one decides: the permit's address. */
async function permitted({ urls, by }, node, [asks, decides], fields, act) {
  const asked = await by[asks].post(`${urls[node]}/phep/moi`, { reason: REASON, ...fields });
  equal(asked.status, 303, `a permit is asked for: ${asked.text.slice(0, 600)}`);
  const at = new URL(asked.headers.get('location'), urls[node]).href;
  equal((await by[decides].post(`${at}/${act}`, { reason: REASON })).status, 303, act);
  return at;
}

/** Emergencies allowed, refused and reviewed; a list exported by two; an alert resolved. */
async function oversight(story) {
  const { urls, by, words } = story;
  const { people } = pack('people/demo_people.json');
  const { pin } = people.find((p) => p.key === 'lan').registers.population;
  const [emergency, office] = [{ kind: 'emergency', person: pin }, ['bhxh', 'lanhdao.bhxh']];
  await permitted(story, INSURANCE, office, emergency, 'tu-choi');
  for (const act of ['dung', 'sai']) {
    const at = await permitted(story, INSURANCE, office, emergency, 'cho');
    for (const lang of ['vi', 'en']) await judgePage(at, await by.bhxh.get(at, { lang }), lang);
    for (const lang of ['vi', 'en']) await judgePage(at, await by.kiemtra.get(at, { lang }), lang);
    equal((await by.kiemtra.post(`${at}/${act}`, { reason: REASON })).status, 303, act);
    words.permit = at.split('/').pop();
  }
  for (const kind of ['emergency', 'delay', 'export']) {
    const url = `${urls[INSURANCE]}/phep/moi?loai=${kind}`;
    for (const lang of ['vi', 'en']) await judgePage(url, await by.bhxh.get(url, { lang }), lang);
    const again = await by.bhxh.post(`${urls[INSURANCE]}/phep/moi`, { kind });
    equal(again.status, 422, 'nothing said');
    await judgePage(`${url} again`, again, 'vi');
  }
  const what = `/ho-tich/khai-sinh/in?don-vi=H57.31.08&nam=${words.year}`;
  const book = await permitted(story, PROVINCE, ['hotich', 'giamsat'], { kind: 'export', what },
    'cho');
  const list = await by.hotich.get(`${urls[PROVINCE]}${what}&phep=${book.split('/').pop()}`);
  equal(list.status, 200, 'a list by two people');
  const search = { purpose: 'inspection', matter: '12/QĐ-TTr', words: 'khong' };
  for (let i = 0; i < 20; i++) await searched(by.bhxh, `${urls[INSURANCE]}/bao-hiem`, search);
  const alert = rowOf(await by['lanhdao.bhxh'].json(`${urls[INSURANCE]}/giam-sat`), 'alerts');
  words.alert = alert.id;
  const at = `${urls[INSURANCE]}/giam-sat/${alert.id}`;
  await judgePage(at, await by['lanhdao.bhxh'].get(at), 'vi');
  equal((await by['lanhdao.bhxh'].post(`${at}/xong`, { reason: REASON })).status, 303, 'resolved');
}

/** A list by a decision: looked at, proposed, approved, undone; a hold placed and lifted by two. */
async function retention({ urls, by, words }) {
  const [at, reason] = [`${urls[PROVINCE]}/luu-giu`, 'Theo quyết định của tòa án'];
  const law = 'Quyết định 12/QĐ-TA ngày 01/06/2020';
  const [officer, leader] = [by.luutru, by['lanhdao.luutru']];
  const did = async (who, to, fields = { reason }) => {
    const sent = await who.post(to, fields);
    equal(sent.status, 303, `${to}: ${sent.text.slice(0, 600)}`);
    return new URL(sent.headers.get('location'), at).href;
  };
  const list = await did(officer, `${at}/xoa`, { of: 'case', object: words.done, law, reason });
  words.list = list.split('/').pop();
  words.item = rowOf(await officer.json(list), 'the list').id;
  await did(officer, `${list}/muc/${words.item}/loai`);
  await did(officer, `${list}/muc/${words.item}/dua-vao`);
  await did(officer, `${list}/trinh`);
  for (const lang of ['vi', 'en']) await judgePage(list, await leader.get(list, { lang }), lang);
  await did(leader, `${list}/duyet`);
  await did(leader, `${list}/huy`);
  const hold = await did(officer, `${at}/giu/moi`,
    { of: 'case', object: words.done, law, document: '12/QĐ-TA', reason });
  words.hold = hold.split('/').pop();
  for (const lang of ['vi', 'en']) await judgePage(hold, await leader.get(hold, { lang }), lang);
  await did(leader, `${hold}/thoi`);
}

/** One's post, one's other session, one's password. */
async function ownAccount({ urls, by, dir }) {
  const at = `${urls[PROVINCE]}/tai-khoan`;
  const grant = execFileSync('sqlite3', ['-readonly', path.join(dir, 'h57/dinh.db'),
    "SELECT g.id FROM identity_grant g JOIN identity_account a ON a.id = g.account"
    + " WHERE a.username = 'hotich'"], { encoding: 'utf8' }).trim();
  equal((await by.hotich.post(`${at}/chuc-danh`, { post: grant })).status, 303, 'a post is chosen');
  const other = await signedIn(urls, ACCOUNTS.find((a) => a.user === 'hotich'));
  const [, session] = /name="session" value="([^"]+)"/.exec((await other.get(at)).text);
  equal((await other.post(`${at}/phien`, { session })).status, 303, 'the other session ends');
  equal((await other.post(`${at}/phien/tat-ca`, {})).status, 303, 'all sessions end');
  const again = await signedIn(urls, ACCOUNTS.find((a) => a.user === 'hotich'));
  const fresh = 'mot cau dai de nho 2026';
  const changed = await again.post(`${at}/mat-khau`,
    { password: PASSWORD, new_password: fresh, new_password_again: fresh });
  equal(changed.status, 303, `a password is changed: ${changed.text.slice(0, 300)}`);
}

const KEY_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What an authenticator app shows (RFC 6238) at the nation's clock. */
function appShows(key, dir) {
  const offset = readFileSync(path.join(dir, 'clock')).readBigInt64LE(0);
  const bits = [...key].map((l) => KEY_LETTERS.indexOf(l).toString(2).padStart(5, '0')).join('');
  const step = Buffer.alloc(8);
  step.writeBigInt64BE((BigInt(Date.now()) * 1000n + offset) / 30000000n);
  const mac = createHmac('sha1', Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2))))
    .update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

/** A second factor set up by its key and its first code; gives the recovery codes. */
async function setUp(client, at, dir) {
  equal((await client.post(at, { password: PASSWORD })).status, 303, 'a key is made');
  for (const lang of ['vi', 'en']) await judgePage(at, await client.get(at, { lang }), lang);
  const { key } = JSON.parse((await client.json(at)).text);
  const confirmed = await client.post(`${at}/xac-nhan`, { one_time_code: appShows(key, dir) });
  equal(confirmed.status, 200, `its first code is taken: ${confirmed.text.slice(0, 600)}`);
  await judgePage(`${at}/xac-nhan`, confirmed, 'vi');
  return codesOf(confirmed);
}

function codesOf(answer) {
  const codes = [...answer.text.matchAll(/dinh-code">([a-z0-9-]+)</g)].map((m) => m[1]);
  equal(codes.length, 10, 'ten recovery codes');
  return codes;
}

/** Set up, renewed, asked for at a sign-in, taken away by oneself and by an administrator. */
async function secondFactor({ urls, by, dir }) {
  const [url, account] = [urls[PROVINCE], ACCOUNTS.find((a) => a.user === 'hotich')];
  const at = `${url}/tai-khoan/hai-lop`;
  const client = await signedIn(urls, account);
  const first = await setUp(client, at, dir);
  for (const lang of ['vi', 'en']) await judgePage(at, await client.get(at, { lang }), lang);
  const renewed = await client.post(`${at}/ma-du-phong`,
    { password: PASSWORD, one_time_code: first[0] });
  equal(renewed.status, 200, 'new recovery codes');
  const codes = codesOf(renewed);
  const other = await signedIn(urls, account);
  equal((await other.get(`${url}/tai-khoan`)).status, 303, 'a password alone is not enough');
  for (const lang of ['vi', 'en']) {
    await judgePage(`${url}/dang-nhap/ma`, await other.get(`${url}/dang-nhap/ma`, { lang }), lang);
  }
  equal((await other.post(`${url}/dang-nhap/ma`, { one_time_code: codes[0] })).status, 303, 'in');
  equal((await other.get(`${url}/tai-khoan`)).status, 200, 'signed in with both');
  const both = { password: PASSWORD, one_time_code: codes[1] };
  equal((await other.post(`${at}/bo`, both)).status, 303, 'taken away');
  await setUp(other, at, dir);
  const list = `${url}/quan-tri/tai-khoan`;
  const found = rowOf(await searched(by.quantri, list, { tim: 'hotich' }), 'the officer is found');
  equal((await by.quantri.post(`${list}/${found.id}/hai-lop`, { reason: REASON })).status, 303,
    'taken away by an administrator');
  by.hotich = await signedIn(urls, account);
}

/** Added, asked for beside the password and instead of it, taken away. */
async function passkeys({ urls, by, docs }) {
  const [url, account] = [urls[PROVINCE], ACCOUNTS.find((a) => a.user === 'hotich')];
  const at = `${url}/tai-khoan/khoa-truy-cap`;
  const client = await signedIn(urls, account);
  const key = device(new URL(url).origin);
  const ask = async (who, purpose) => {
    const where = '/dang-nhap/khoa-truy-cap/thach-thuc';
    const session = await who.json(`${url}/phien`);
    const answer = await who.send(`${url}${where}`, { method: 'POST', accept: 'application/json',
      body: new URLSearchParams({ _csrf: JSON.parse(session.text).csrf, purpose }) });
    judgeJson(where, schemaOf(docs[PROVINCE], PROVINCE, where, 'post'), answer);
    return JSON.parse(answer.text);
  };
  const pages = async () => {
    for (const lang of ['vi', 'en']) await judgePage(at, await client.get(at, { lang }), lang);
  };
  await pages();
  const made = await client.post(at,
    { name: 'Điện thoại', passkey: key.makes(await ask(client, 'add')) });
  equal(made.status, 200, `a passkey is added: ${made.text.slice(0, 600)}`);
  const first = codesOf(made);
  await pages();
  const renewed = await client.post(`${at}/ma-du-phong`, {});
  equal(renewed.status, 200, 'new recovery codes');
  check(!codesOf(renewed).includes(first[0]), 'other ones');
  await judgePage(`${at}/ma-du-phong`, renewed, 'vi');
  const other = await signedIn(urls, account);
  equal((await other.get(`${url}/tai-khoan`)).status, 303, 'a password alone is not enough');
  for (const lang of ['vi', 'en']) {
    await judgePage(`${url}/dang-nhap/ma`, await other.get(`${url}/dang-nhap/ma`, { lang }), lang);
  }
  equal((await other.post(`${url}/dang-nhap/ma/khoa-truy-cap`,
    { passkey: key.signs(await ask(other, 'second')) })).status, 303, 'in with both');
  const alone = new Client('hotich');
  equal((await alone.post(`${url}/dang-nhap/khoa-truy-cap`,
    { passkey: key.signs(await ask(alone, 'enter')) })).status, 303, 'in by a passkey alone');
  const [{ id }] = JSON.parse((await alone.json(at)).text).keys;
  equal((await alone.post(`${at}/${id}/bo`, {})).status, 303, 'taken away');
  by.hotich = await signedIn(urls, account);
}

/** A relying party that isn't ours. */
async function relyingParty({ urls, by, dir }) {
  const opens = await asks({ urls, by: by['me.lan'], dir });
  equal(await opens(), 200, 'the token opens what it is for');
  await takenBack(urls[NATIONAL], by['me.lan'], opens);
}

/** What she was told of is marked seen; what she allowed is taken back, and the token with it. */
async function takenBack(url, her, opens) {
  equal((await her.post(`${url}/tai-khoan/thong-bao`, {})).status, 303, 'seen');
  equal((await her.post(`${url}/tai-khoan/cho-phep`, { client: 'H57' })).status, 303, 'taken back');
  equal(await opens(), 401, 'the token ended with it');
}

/** Every page of the form, as it opens, opened to be changed, and refused for being empty. */
async function formPages({ urls, by, words }) {
  const draft = `/ban-nhap/${words.draft}`;
  const tasks = (await by['me.lan'].get(`${urls[PROVINCE]}${draft}`)).text;
  const groups = [...tasks.matchAll(new RegExp(`href="${draft}/([a-z_]+)"`, 'g'))].map((m) => m[1]);
  check(groups.length >= 8, `eight pages of the form: ${groups}`);
  for (const group of groups) {
    const url = `${urls[PROVINCE]}${draft}/${group}`;
    for (const lang of ['vi', 'en']) {
      const page = await by['me.lan'].get(`${url}?sua=1`, { lang });
      await judgePage(url, page, lang);
      const again = await by['me.lan'].send(url, { method: 'POST', lang, body: new URLSearchParams({
        _csrf: /name="_csrf" value="([^"]+)"/.exec(page.text)[1],
        _version: /name="_version" value="(\d+)"/.exec(page.text)[1] }) });
      check([303, 422].includes(again.status), `${url} sent empty: ${again.status}`);
      if (again.status === 422) await judgePage(`${url} again`, again, lang);
    }
  }
}

/** What neither the story nor the reading of every page does. */
async function theRest(story) {
  const { urls, by, words } = story;
  const mother = by['me.lan'];
  const draft = `${urls[PROVINCE]}/ban-nhap/${words.draft}`;
  const page = await mother.get(`${draft}/child`);
  const version = /name="_version" value="(\d+)"/.exec(page.text)[1];
  const saved = await mother.send(`${draft}/luu?nhom=child`, { method: 'POST',
    accept: 'application/json',
    body: new URLSearchParams({ _csrf: /name="_csrf" value="([^"]+)"/.exec(page.text)[1],
      _version: version, child_name: 'Trần Bảo' }) });
  equal(saved.status, 200, 'a draft is saved while typing');
  equal((await mother.post(`${draft}/bo`, {})).status, 303, 'a draft is thrown away');
  const live = /su-kien\?the=[^"]+/.exec(
    (await mother.get(`${urls[PROVINCE]}/ho-so/${words.done}`)).text);
  const stream = await mother.get(
    `${urls[PROVINCE]}/ho-so/${words.done}/${live[0].replaceAll('&amp;', '&')}`);
  equal(stream.status, 200, 'a dossier is watched');
  await administration(story);
  await secondFactor(story);
  await passkeys(story);
  await ownAccount(story);
  await relyingParty(story);
  equal((await by.bhxh.post(`${urls[INSURANCE]}/dang-xuat`, {})).status, 303, 'signed out');
  return JSON.parse(saved.text);
}

// --- an agency's own system, by the X-Road protocol ---------------------------------------------

// The demonstration's authority is gone once the nodes are made: another node's certificate stands
// for that of the province's software.
const pairOf = (dir) => ({ cert: path.join(dir, 'g24/keys/tls.crt'),
  key: path.join(dir, 'g24/keys/tls.key'), ca: path.join(dir, 'h57/keys/ca.crt') });

function registerSystem(program, dir) {
  execFileSync(program, ['system', '--data', path.join(dir, 'h57'), '--client', 'H57',
    '--cert', pairOf(dir).cert, '--name', 'Phần mềm của tỉnh']);
}

function askAsSystem({ dir, port }, address, headers, body) {
  const { cert, key, ca } = pairOf(dir);
  return new Promise((done, fail) => {
    const asked = request({ host: '127.0.0.1', port: port + 4, path: address, method: 'POST',
      cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(ca),
      headers: { 'content-type': 'application/json', ...headers } }, (answer) => {
      let text = '';
      answer.on('data', (part) => { text += part; });
      answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, text }));
    });
    asked.on('error', fail);
    asked.end(body);
  });
}

/** The province's software asks the population register on the national node. */
async function xroad(story) {
  const { people } = pack('people/demo_people.json');
  const { pin } = people.find((p) => p.key === 'lan').registers.population;
  const headers = { 'x-road-client': 'VN/GOV/H57/motcua', 'x-road-id': 'a-1',
    'x-road-issue': story.words.done, 'dinh-purpose': 'birth_registration' };
  const address = '/r1/VN/GOV/G01/population/person';
  const good = await askAsSystem(story, address, headers, JSON.stringify({ pin }));
  equal(good.status, 200, `a person by /r1/: ${good.text}`);
  check(good.text.includes('Nguyễn Thị Lan'), 'she is in the answer');
  equal(good.headers['x-road-id'], 'a-1', 'the id comes back');
  equal(good.headers['x-road-service'], 'VN/GOV/G01/population/person', 'so does the service');
  check(!good.headers['x-road-error'], 'no error of the exchange');
  const bad = await askAsSystem(story, address,
    { ...headers, 'x-road-client': 'VN/GOV/G24/the' }, JSON.stringify({ pin }));
  equal(bad.headers['x-road-error'], 'server.clientproxy.ssl_authentication_failed',
    'another member by this certificate');
}

/** A dossier by JSON alone at the province; each answer by the row of the document it fits. */
async function byJson({ urls, by }, doc) {
  const rows = Object.keys(doc.paths).map((at) => [at,
    new RegExp(`^${at.replace(/\./g, '\\.').replace(/\{\w+\}/g, '([^/]+)')}$`)]);
  const judge = (path, answer) => {
    const fits = rows.filter(([, pattern]) => pattern.test(path.split('?')[0]))
      .sort(([a], [b]) => a.split('{').length - b.split('{').length);
    if (answer.status >= 400) judgeProblem(path, doc, PROVINCE, answer);
    else if (fits.length) judgeAnswer(`${path} (${fits[0][0]})`, doc, PROVINCE, fits[0][0], answer);
    else fault(path, 'no row of the document');
  };
  await fileByJson(by['me.lan'], by['canbo.motcua'], urls[PROVINCE], judge);
}

await play('contract', async (story) => {
  const { urls, dir, port } = await story.step('a nation that has played the birth story',
    () => nation(story, { after: 'birth,withdrawn', stay: true, before: registerSystem }));
  Object.assign(story, { urls, dir, port });
  story.by = {};
  await story.step('everybody signs in', async () => {
    for (const account of ACCOUNTS) story.by[account.user] = await signedIn(urls, account);
    story.people = [new Client('nobody'), ...Object.values(story.by)];
  });
  const docs = await story.step('three OpenAPI documents are sound', async () => {
    const all = [];
    for (const url of urls) {
      const doc = JSON.parse((await new Client('reader').json(`${url}/openapi.json`)).text);
      const { valid, errors } = await new Validator().validate(structuredClone(doc));
      if (!valid) fault(`${url}/openapi.json`, JSON.stringify(errors).slice(0, 2000));
      all.push(doc);
    }
    return all;
  });
  story.docs = docs;
  const known = rules();
  story.words = await story.step('what the story left', () => harvest(story));
  story.accounts = await accountsOf(story);
  await story.step('what needs two people', () => oversight(story));
  await story.step('what has been kept long enough', () => retention(story));
  await story.step('every page, every answer', async () => {
    for (const [node, doc] of docs.entries()) {
      for (const [at, methods] of Object.entries(doc.paths)) {
        const plain = known.get(`${node} GET ${at}`);
        if (!methods.get || at === '/openapi.json') continue;
        if (!plain && at.includes('{')) fault(at, 'is not in contract_rows.def');
        else {
          const words = { ...story.words, account: story.accounts[node] };
          await judgeGet(story, node, doc, at, filled(plain || at, words));
        }
      }
      await judgeRefusals(story, node, doc);
    }
  });
  await story.step('every page of the form', () => formPages(story));
  await story.step('a dossier by JSON alone', () => byJson(story, docs[PROVINCE]));
  await story.step('the rest', () => theRest(story));
  await story.step("an agency's own system asks", () => xroad(story));
  await story.step('every row was answered well', async () => {
    const seen = await wellAnswered(urls);
    const all = new Set(docs.flatMap((doc) => Object.entries(doc.paths).flatMap(
      ([at, methods]) => Object.keys(methods).map((m) => `${m.toUpperCase()} ${at}`))));
    const never = [...all].filter((row) => !seen.has(row));
    console.log(`contract: ${all.size} rows`);
    if (never.length) fault('never answered well', never.join(', '));
  });
  console.log(`contract: ${counts.json} JSON answers, ${counts.problems} of them problems, ${
    counts.pages} pages, ${counts.heads} HEADs`);
  for (const line of faults) console.log(`contract: ${line}`);
  equal(faults.length, 0, 'faults');
  check(counts.json > 70 && counts.pages > 150, 'enough was looked at');
});
