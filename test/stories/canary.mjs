#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// What people type stays text, in Debian's Chromium: a canary that would set window.canary, or make
// the browser complain that the policy refused it, is typed into every free field of a dossier and
// put into every parameter of every address that the nodes publish. No page runs it, none lets it
// become an element. The control: a page that does let it, and one that only its policy saves.
import { PIXEL, PROVINCE } from './filing.mjs';
import { browser, check, equal, nation, person, play, signIn } from './lib.mjs';

const CANARIES = ['"><img src=x onerror=window.canary=1>', '<script>window.canary=1</script>',
  "'-window.canary-'\"", 'javascript:window.canary=1', '</textarea><svg onload=window.canary=1>'];
const ALL = CANARIES.join(' ');
const PHOTO = PIXEL.toString('base64');
const QUERIES = ['q', 'words', 'matter', 'purpose', 'next', 'code', 'state', 'client_id',
  'redirect_uri', 'sau', 'after', 'nam', 'truoc', 'don-vi', 'ngay', 'nhom', 'sua', 'l', 'tu'];
let pages = 0;
let shown = 0;

/** The page as it stands ran nothing, refused nothing, and holds none of the canary's elements. */
async function calm(page, name) {
  const seen = await page.evaluate(() => ({
    ran: window.canary !== undefined,
    made: document.querySelectorAll('img[src="x"], svg[onload], [onerror], [onload]').length,
    led: Array.from(document.querySelectorAll('[href^="javascript:"], [action^="javascript:"]'))
      .length,
    text: document.documentElement.textContent.includes('window.canary'),
    inline: Array.from(document.scripts).filter((s) => !s.src).length,
  }));
  const refused = page.complaints.filter((c) => /Content Security Policy|Refused to/.test(c));
  equal(JSON.stringify([seen.ran, seen.made, seen.led, seen.inline, refused]),
    '[false,0,0,0,[]]', `${name}: ran, elements, addresses, inline scripts, refusals`);
  pages++;
  if (seen.text || (await page.content()).includes('window.canary')) shown++;
}

async function visit(page, url) {
  page.complaints.length = 0;
  try {
    await page.goto(url, { waitUntil: 'domcontentloaded' });
  } catch (e) {
    if (!/ERR_ABORTED|Download is starting/.test(e.message)) throw e; // a file, not a page
    return;
  }
  await calm(page, url);
}

/** A page without our care is seen: one that runs the canary, one whose policy alone stops it. */
async function control(chrome, url) {
  for (const policy of [undefined, "default-src 'self'"]) {
    const page = await person(chrome);
    await page.route('**/control', (route) => route.fulfill({ contentType: 'text/html',
      headers: policy ? { 'content-security-policy': policy } : {},
      body: `<title>x</title><body>${CANARIES[1]}` }));
    await page.goto(`${url}/control`);
    let seen = '';
    try { await calm(page, 'control'); } catch (e) { seen = e.message; }
    const sign = policy ? 'Content Security Policy' : '[true';
    check(seen.includes(sign), `the control is seen: ${seen}`);
    await page.context().close();
  }
}

// --- addresses -----------------------------------------------------------------------------------

async function addresses(page, url) {
  const { paths } = await (await page.request.get(`${url}/openapi.json`)).json();
  const query = QUERIES.map((name) => `${name}=${encodeURIComponent(ALL)}`).join('&');
  for (const [at, methods] of Object.entries(paths)) {
    if (!methods.get || /su-kien|openapi|metrics|\/oidc\/jwks/.test(at)) continue;
    const word = CANARIES[pages % CANARIES.length];
    await visit(page, `${url}${at.replace(/\{\w+\}/g, encodeURIComponent(word))}?${query}`);
  }
}

// --- a dossier ----------------------------------------------------------------------------------

const SAFE = { child_name: 'Trần Nguyễn Minh Anh', child_sex: 'female', child_ethnic_group: '01',
  child_birth_date: new Date(Date.now() - 5 * 86400000).toISOString().slice(0, 10),
  child_nationality: 'VN', birth_unit: 'vi da, thanh pho hue', birth_notice_number: '77/2020',
  birth_notice_date: new Date(Date.now() - 4 * 86400000).toISOString().slice(0, 10),
  requester_phone: '0905 000 001', requester_paper_type: 'citizen_card', clinic: '46001',
  requester_paper_date: '2017-01-11', copies: '2', result_way: 'online', truth_declared: '1',
  requester_relation: 'mother', child_home_town: 'Huế', birth_facility: 'Huế',
  requester_address: 'Huế', requester_paper_place: 'Huế', card_address: 'Huế' };

async function json(page, address, body) {
  const base = new URL(address).origin;
  const { csrf } = await (await page.request.get(`${base}/phien`,
    { headers: { accept: 'application/json' } })).json();
  const answer = await page.request.fetch(address, { method: body ? 'POST' : 'GET', data: body,
    headers: { accept: 'application/json', ...(body && { 'x-csrf-token': csrf }) } });
  return { status: answer.status(), body: await answer.json() };
}

/** Every field takes the canary that will; the others what the service wants. How many did. */
async function fill(page, address, href) {
  const { body: group } = await json(page, address);
  if (group.look_over) {
    const done = await json(page, address, { _version: group.version, _dung: true });
    equal(done.status, 200, href);
    return 0;
  }
  const body = { _version: group.version };
  for (const { name, kind, value } of group.fields) {
    if (kind === 'file') body[name] = value || { name: `${ALL}.jpg`, content: PHOTO };
    else body[name] = value && value !== '0' ? value : ALL;
  }
  for (let turn = 0; turn < 4; turn++) {
    const { status, body: said } = await json(page, address, body);
    if (status === 200) return Object.values(body).filter((v) => `${v}`.includes('canary')).length;
    equal(status, 422, `${href}: ${JSON.stringify(said)}`);
    for (const { field } of said.errors) {
      const given = group.fields.find((f) => f.name === field);
      const short = body[field] === ALL && turn < 2 && CANARIES[turn + 1];
      if (!given || given.kind === 'file') continue;
      body[field] = short && !(field in SAFE && turn) ? short : (SAFE[field] ?? given.value);
    }
  }
  throw new Error(`${href} takes nothing`);
}

async function dossier(page, url) {
  const begin = await json(page, `${url}/dich-vu/1.001193/nop`, { requester_relation: 'mother' });
  equal(begin.status, 200, 'begun');
  const draft = url + begin.body.location;
  const { body: list } = await json(page, draft);
  let taken = 0;
  for (const { href } of list.groups) {
    taken += await fill(page, url + href, href);
    await visit(page, url + href);
  }
  await visit(page, draft);
  await visit(page, `${draft}/xem-lai`);
  const filed = await json(page, `${draft}/nop`, {});
  equal(filed.status, 200, JSON.stringify(filed.body));
  return { code: /ho-so\/([^/?]+)/.exec(filed.body.location)[1], taken };
}

await play('canary', async (story) => {
  const { urls } = await story.step('the nation stands', () => nation(story));
  const chrome = await browser(story);
  await story.step('the controls are seen', () => control(chrome, urls[PROVINCE]));
  const mother = await person(chrome);
  const clerk = await person(chrome);
  await signIn(mother, urls[PROVINCE], 'me.lan', { citizen: true });
  await signIn(clerk, urls[PROVINCE], 'canbo.motcua');
  const { code, taken } = await story.step('a dossier is filed',
    () => dossier(mother, urls[PROVINCE]));
  await story.step('its pages are calm', async () => {
    const office = `${urls[PROVINCE]}/mot-cua/${code}`;
    const own = `${urls[PROVINCE]}/ho-so/${code}`;
    const { body: opened } = await json(clerk, office);
    for (const at of [`${urls[PROVINCE]}/mot-cua`, office]) await visit(clerk, at);
    const asked = await json(clerk, `${office}/viec/request_supplement`,
      { version: opened.version, reason: ALL, items: [{ name: opened.items?.[0]?.name
        ?? 'birth_notice_file', reason: ALL.slice(0, 150) }] });
    equal(asked.status, 200, JSON.stringify(asked.body));
    await visit(clerk, office);
    for (const at of ['', '/bo-sung', '/rut', '/da-nop']) await visit(mother, own + at);
    await visit(mother, `${urls[PROVINCE]}/ho-so`);
    await visit(mother, `${urls[0]}/ho-so`);
    await visit(mother, `${urls[0]}/du-lieu-cua-toi`);
  });
  await story.step('every address, every parameter', async () => {
    await addresses(mother, urls[0]);
    await addresses(clerk, urls[PROVINCE]);
    const card = await person(chrome);
    await signIn(card, urls[2], 'bhxh');
    await addresses(card, urls[2]);
  });
  console.log(`canary: ${pages} pages, ${shown} show what was typed, ${taken} fields took it`);
  check(pages > 90 && shown > 20 && taken >= 2, 'enough was looked at');
});
