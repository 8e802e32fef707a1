// SPDX-License-Identifier: Apache-2.0
// A program files a dossier over the wire, by JSON alone: it knows the address of a service, reads
// what each page asks, sends that back with what is missing, and follows the acts it is offered.
// judge(path, answer) holds each answer against the document that the node publishes.
import { check, equal } from './lib.mjs';

/** "2026-11-17" of so many days ago; the nation lives in the machine's own time. */
const daysAgo = (n) => new Date(Date.now() - n * 86400000).toISOString().slice(0, 10);

// What no register knows; everything else is sent back as it was read.
const ANSWERS = {
  requester_relation: 'mother', child_name: 'Trần Nguyễn Minh Anh', child_sex: 'female',
  child_birth_date: daysAgo(5), child_ethnic_group: '01', child_nationality: 'VN',
  child_home_town: 'Quảng Trị', birth_facility: 'Bệnh viện Trung ương Huế',
  birth_unit: 'vi da, thanh pho hue', birth_notice_number: '77/2020',
  birth_notice_date: daysAgo(4), requester_address: '12 Nguyễn Sinh Cung',
  requester_phone: '0905 000 001', requester_paper_type: 'citizen_card',
  requester_paper_date: '2017-01-11', requester_paper_place: 'Cục Cảnh sát', clinic: '46001',
  card_address: '12 Nguyễn Sinh Cung', copies: '2', result_way: 'online', truth_declared: '1',
};
// The least JPEG there is: one grey point.
const PHOTO = { name: 'giấy chứng sinh.jpg', content: Buffer.from(
  'ffd8ffe000104a46494600010100000100010000ffdb004300' + '01'.repeat(64)
  + 'ffc9000b080001000101011100ffcc000600101005ffda0008010100003f00d2cf20ffd9',
  'hex').toString('base64') };

/** One person's program at one node. */
class Program {
  constructor(client, base, judge) {
    Object.assign(this, { client, base, judge });
  }

  async get(path) {
    const answer = await this.client.json(this.base + path);
    equal(answer.status, 200, `${path}: ${answer.text.slice(0, 300)}`);
    this.judge(path, answer);
    this.page = JSON.parse(answer.text);
    return this.page;
  }

  act(name, method) {
    const act = this.page.acts.find((a) => a.name === name);
    check(act, `${name} is offered: ${JSON.stringify(this.page.acts)}`);
    equal(act.method, method, `how to ${name}`);
    return act.href;
  }

  async send(path, body) {
    const session = JSON.parse((await this.client.json(`${this.base}/phien`)).text);
    return this.client.send(this.base + path, { method: 'POST', accept: 'application/json',
      headers: { 'content-type': 'application/json', 'x-csrf-token': session.csrf },
      body: JSON.stringify(body) });
  }

  async post(path, body) {
    const answer = await this.send(path, body);
    equal(answer.status, 200, `${path}: ${answer.text.slice(0, 600)}`);
    return JSON.parse(answer.text).location;
  }

  async refused(path, body, field) {
    const answer = await this.send(path, body);
    equal(answer.status, 422, `${path} is refused: ${answer.text.slice(0, 300)}`);
    this.judge(path, answer);
    const named = JSON.parse(answer.text).errors.map((e) => e.field);
    check(named.includes(field), `${field} is named: ${named}`);
  }

  filledIn() {
    const body = { _version: this.page.version };
    for (const { name, kind, value } of this.page.fields) {
      const open = value === '' || value === '0';
      if (kind === 'file') body[name] = value || PHOTO;
      else body[name] = open && name in ANSWERS ? ANSWERS[name] : value;
    }
    return body;
  }
}

async function fillGroups(program, draft) {
  const { groups } = await program.get(draft);
  for (const { href } of groups) {
    const { look_over: known, version } = await program.get(href);
    const body = known ? { _version: version, _dung: true } : program.filledIn();
    await program.post(program.act(known ? 'confirm' : 'save', 'POST'), body);
  }
}

/** Files, is asked for a supplement, gives it, is refused by the clerk, rates, begins anew; its
 *  code. */
export async function fileByJson(person, clerk, base, judge) {
  const citizen = new Program(person, base, judge);
  const office = new Program(clerk, base, judge);
  const { buttons: [button] } = await citizen.get('/dich-vu/1.001193');
  await citizen.get(button.href);
  const begin = citizen.act('begin', 'POST');
  await citizen.refused(begin, { requester_relation: 'ong_troi' }, 'requester_relation');
  const draft = await citizen.post(begin, { requester_relation: ANSWERS.requester_relation });
  const open = await citizen.get(`${draft}/xem-lai`);
  check(open.problems.some((p) => p.field === 'child_name'), 'the review tells what is open');
  await fillGroups(citizen, draft);
  await citizen.get(draft);
  await citizen.get(citizen.act('review', 'GET'));
  const filed = await citizen.post(citizen.act('file', 'POST'), {});
  const { code } = await citizen.get(filed);

  await office.get(`/mot-cua/${code}`);
  await office.post(office.act('request_supplement', 'POST'),
    { version: office.page.version, reason: 'Mong chị gửi sớm.',
      items: [{ name: 'birth_notice_file', reason: 'Ảnh bị mờ, xin chụp lại' }] });
  await citizen.get(`/ho-so/${code}`);
  await citizen.get(citizen.act('withdraw', 'GET'));
  await citizen.refused(citizen.act('withdraw', 'POST'),
    { version: citizen.page.version, reason: '' }, 'reason');
  await citizen.get(`/ho-so/${code}`);
  const { version, reason, until, items } = await citizen.get(citizen.act('supplement', 'GET'));
  check(/\d\d\/\d\d\/\d{4}/.test(until), 'until when');
  equal(reason, 'Mong chị gửi sớm.', "the official's own words");
  equal(JSON.stringify(items.map(({ title, text }) => [title, text])),
    '[["Ảnh giấy chứng sinh","Ảnh bị mờ, xin chụp lại"]]', 'what is asked, item by item');
  await citizen.post(citizen.act('keep', 'POST'), { _version: version, birth_notice_number: '7' });
  await citizen.get(`/ho-so/${code}/bo-sung`);
  await citizen.post(citizen.act('drop', 'POST'), {});
  const { fields } = await citizen.get(`/ho-so/${code}/bo-sung`);
  equal(fields.find((f) => f.name === 'birth_notice_number').value, '77/2020', 'as it was filed');
  await citizen.post(citizen.act('supplement', 'POST'),
    { _version: version, birth_notice_number: '78/2020', birth_notice_file: PHOTO });

  await office.get(`/mot-cua/${code}`);
  await office.post(office.act('refuse_supplemented', 'POST'),
    { version: office.page.version, reason: 'Giấy chứng sinh không hợp lệ.' });
  await citizen.get(`/ho-so/${code}`);
  const { criteria, answers } = await citizen.get(citizen.act('rate', 'GET'));
  const points = Object.fromEntries(criteria.map((c) => [c.code,
    answers.find((a) => a.criterion === c.code).points]));
  await citizen.refused(citizen.act('rate', 'POST'), { ...points, [criteria[0].code]: 7 },
    criteria[0].code);
  await citizen.post(citizen.act('rate', 'POST'), { ...points, comment: 'Rõ ràng' });
  check((await citizen.get(`/ho-so/${code}`)).rated, 'it is rated');
  const anew = await citizen.get(await citizen.post(citizen.act('file_anew', 'POST'), {}));
  check(anew.groups.every((g) => g.state === 'done' || g.name === 'result'), 'nothing typed twice');
  return code;
}
