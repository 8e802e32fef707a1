// SPDX-License-Identifier: Apache-2.0
// Everything works without this file; it makes some of it more pleasant. No text stands here: what
// people read comes from the server, in data attributes.
'use strict';

const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

function focusFaults(root) {
  const first = root.querySelector('.govuk-error-summary') ||
    root.querySelector('.govuk-notification-banner[role="alert"]');
  if (first) {
    first.setAttribute('tabindex', '-1');
    first.focus();
  }
  all('.govuk-error-summary a[href^="#"]', root).forEach((link) => {
    link.addEventListener('click', (event) => {
      const field = document.getElementById(link.getAttribute('href').slice(1));
      if (!field) return;
      event.preventDefault();
      const label = field.closest('fieldset') || document.querySelector(`label[for="${field.id}"]`);
      (label || field).scrollIntoView();
      field.focus({ preventScroll: true });
    });
  });
}

// Radios and checkboxes that open further questions: data-aria-controls names the block.
function reveal(root) {
  const boxes = all('input[data-aria-controls]', root);
  const paint = () => boxes.forEach((box) => {
    const block = document.getElementById(box.getAttribute('data-aria-controls'));
    if (!block) return;
    block.hidden = !box.checked;
  });
  boxes.forEach((box) => box.setAttribute('aria-controls', box.getAttribute('data-aria-controls')));
  if (boxes.length) {
    root.addEventListener('change', paint);
    paint();
  }
}

// data-when on a block names the field that decides whether it is asked, data-when-value the value
// it is asked for. Its words about that, [data-when-words], are for who has no scripts. What has a
// fault stays in sight, as does all of it when the field stands on another page.
function when(root) {
  const blocks = all('[data-when]', root);
  const valueOf = (name) => {
    const fields = all(`[name="${name}"]`);
    const box = fields.find((field) => field.type === 'checkbox');
    if (box) return box.checked ? '1' : '0';
    const chosen = fields.find((field) => field.type !== 'radio' || field.checked);
    return chosen ? chosen.value : fields.length ? '' : null;
  };
  const paint = () => blocks.forEach((block) => {
    const value = valueOf(block.getAttribute('data-when'));
    const faulty = block.querySelector('.govuk-form-group--error');
    if (value === null || faulty) return;
    block.hidden = value !== block.getAttribute('data-when-value');
    block.querySelector('[data-when-words]').hidden = true;
  });
  if (blocks.length) {
    root.addEventListener('change', paint);
    paint();
  }
}

// data-reveal on a button names the password field whose letters it shows and hides again. What is
// sent is always a password: browsers keep what other fields hold.
function revealPassword(button) {
  const field = document.getElementById(button.getAttribute('data-reveal'));
  if (!field) return;
  const show = (on) => {
    field.type = on ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(on));
  };
  button.hidden = false;
  button.addEventListener('click', () => { show(field.type === 'password'); field.focus(); });
  if (field.form) field.form.addEventListener('submit', () => show(false));
}

// A second press of the same button within a moment is a slip. The server remembers anyway.
function guardSubmit(form) {
  let sentAt = 0;
  form.addEventListener('submit', (event) => {
    if (event.defaultPrevented) return;
    if (Date.now() - sentAt < 3000) event.preventDefault();
    else sentAt = Date.now();
  });
  window.addEventListener('pageshow', () => { sentAt = 0; });
}

// data-autosave names the address that keeps a draft. Its state is said in [data-autosave-state],
// whose data-saving, data-saved and data-failed hold the words.
function autosave(form) {
  const say = form.querySelector('[data-autosave-state]');
  const tell = (word) => { if (say) say.textContent = say.getAttribute(`data-${word}`) || ''; };
  let timer = 0;
  let running = false;
  let again = false;

  async function save() {
    if (running) { again = true; return; }
    running = true;
    again = false;
    tell('saving');
    const body = new URLSearchParams();
    new FormData(form).forEach((value, name) => {
      if (typeof value === 'string') body.append(name, value);
    });
    try {
      const answer = await fetch(form.getAttribute('data-autosave'), {
        method: 'POST', body, headers: { Accept: 'application/json' }, credentials: 'same-origin',
      });
      tell(answer.ok ? 'saved' : 'failed');
    } catch (offline) {
      tell('failed');
      again = true;
    }
    running = false;
    if (again) timer = setTimeout(save, 10000);
  }

  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(save, 1500);
  });
  form.addEventListener('submit', () => clearTimeout(timer));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && timer) { clearTimeout(timer); save(); }
  });
}

// data-most: bytes that the files of a form may have together. More isn't sent, and the words of
// data-too-large say so at the file, whose name stands for {1}.
function weigh(form) {
  const inputs = all('input[type="file"]', form);
  const most = Number(form.getAttribute('data-most'));
  const told = document.createElement('p');
  told.className = 'govuk-error-message';
  told.setAttribute('role', 'alert');

  function look() {
    let bytes = 0;
    told.remove();
    for (const input of inputs) {
      for (const file of input.files) {
        bytes += file.size;
        if (bytes <= most) continue;
        told.textContent = form.getAttribute('data-too-large').replace('{1}', () => file.name);
        input.before(told);
        return input;
      }
    }
    return null;
  }
  inputs.forEach((input) => input.addEventListener('change', look));
  form.addEventListener('submit', (event) => {
    const input = look();
    if (!input) return;
    event.preventDefault();
    input.focus();
  });
}

function showAnswer(html) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  document.title = page.title;
  document.body.replaceWith(page.body);
  start(document.body);
  window.scrollTo(0, 0);
}

// data-upload on a form with files: the same form post, with its progress shown.
function upload(form) {
  const bar = form.querySelector('progress');
  form.addEventListener('submit', (event) => {
    const files = all('input[type="file"]', form).some((input) => input.files.length);
    if (event.defaultPrevented || !files || !bar) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    const call = new XMLHttpRequest();
    call.open('POST', form.action);
    bar.hidden = false;
    call.upload.addEventListener('progress', (e) => {
      if (e.lengthComputable) { bar.max = e.total; bar.value = e.loaded; }
    });
    call.addEventListener('load', () => {
      if (call.status < 300 && call.responseURL !== form.action) location.assign(call.responseURL);
      else showAnswer(call.responseText);
    });
    call.addEventListener('error', () => {
      bar.hidden = true;
      HTMLFormElement.prototype.submit.call(form);
    });
    call.send(data);
  });
}

// data-live on an element with an id: when the event stream it names says that something changed,
// the element is fetched again from this page's own address. Without a stream: every 15 seconds.
function live(element) {
  const address = element.getAttribute('data-live');
  let poll = 0;

  async function refresh() {
    if (document.visibilityState === 'hidden') return;
    try {
      const answer = await fetch(location.href, {
        headers: { Accept: 'text/html' }, credentials: 'same-origin',
      });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.getElementById(element.id);
      if (fresh && fresh.innerHTML !== element.innerHTML) {
        element.replaceChildren(...Array.from(fresh.childNodes));
        start(element);
      }
    } catch (offline) { /* the next turn tries again */ }
  }
  const everyWhile = () => { if (!poll) poll = setInterval(refresh, 15000); };

  if (!element.hasAttribute('aria-live')) element.setAttribute('aria-live', 'polite');
  if (!address || !window.EventSource) { everyWhile(); return; }
  let stream;
  const listen = () => {
    stream = new EventSource(address);
    stream.addEventListener('message', refresh);
    stream.addEventListener('changed', refresh);
    stream.addEventListener('open', () => {
      if (!poll) return;
      clearInterval(poll);
      poll = 0;
      refresh(); // what moved while nobody listened
    });
    stream.addEventListener('error', () => {
      everyWhile();
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 15000); // refused, not cut
    });
  };
  listen();
  window.addEventListener('pagehide', () => stream.close());
}

// data-suggest on a block around a text field: as one types, what that address knows is offered as
// buttons. Chosen by finger, by mouse, or by arrow and Enter; typing on is as good.
function suggest(block) {
  const input = block.querySelector('input');
  const list = document.createElement('ul');
  let timer = 0;
  list.className = 'dinh-suggest';
  list.hidden = true;
  list.setAttribute('aria-label', block.getAttribute('data-suggest-label') || '');
  input.setAttribute('autocomplete', 'off');
  input.after(list);

  const buttons = () => all('button', list);
  const close = () => { list.hidden = true; };
  const choose = (name) => {
    input.value = name;
    close();
    input.focus();
    input.dispatchEvent(new Event('change', { bubbles: true }));
  };
  const offer = (names) => {
    list.replaceChildren(...names.map((name) => {
      const row = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = name;
      button.addEventListener('click', () => choose(name));
      row.append(button);
      return row;
    }));
    list.hidden = names.length === 0;
  };

  async function ask() {
    const words = input.value.trim();
    if (words.length < 2) { close(); return; }
    try {
      const answer = await fetch(
        `${block.getAttribute('data-suggest')}?tu=${encodeURIComponent(words)}`,
        { headers: { Accept: 'application/json' }, credentials: 'same-origin' });
      if (!answer.ok || input.value.trim() !== words) return;
      const rows = (await answer.json()).rows.map((row) => row.title);
      offer(rows.length === 1 && rows[0] === words ? [] : rows);
    } catch (offline) { close(); }
  }

  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 250);
  });
  block.addEventListener('keydown', (event) => {
    const row = buttons();
    const at = row.indexOf(document.activeElement);
    if (event.key === 'Escape') { close(); input.focus(); }
    if (list.hidden || !['ArrowDown', 'ArrowUp'].includes(event.key)) return;
    event.preventDefault();
    (row[at + (event.key === 'ArrowDown' ? 1 : -1)] || input).focus();
  });
  block.addEventListener('focusout', (event) => {
    if (!block.contains(event.relatedTarget)) setTimeout(close, 150);
  });
}

// data-passkey on a button: where to ask what a passkey is to sign (data-purpose says what for);
// what the device gives goes into the field data-field of the button's form, which is sent. The
// button, or what is around it, is hidden and shown where the browser knows passkeys.
function passkey(button) {
  const { form } = button;
  const say = form.querySelector('[data-passkey-state]');
  const bytes = (text) => Uint8Array.from(
    atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
  const plain = (buffer) => (buffer ? btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '') : '');

  async function told() {
    const answer = await fetch(button.getAttribute('data-passkey'), {
      method: 'POST',
      body: new URLSearchParams({
        purpose: button.getAttribute('data-purpose'), _csrf: form.elements._csrf.value,
      }),
      headers: { Accept: 'application/json' },
      credentials: 'same-origin',
    });
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }

  function made(o, common, keys) {
    return navigator.credentials.create({ publicKey: {
      ...common,
      rp: { id: o.rp, name: o.rp_name },
      user: { id: bytes(o.user), name: o.user_name, displayName: o.display },
      pubKeyCredParams: [-7, -8].map((alg) => ({ type: 'public-key', alg })),
      authenticatorSelection: {
        residentKey: 'required', requireResidentKey: true, userVerification: 'required',
      },
      excludeCredentials: keys,
      attestation: 'none',
    } });
  }

  function used(o, common, keys) {
    return navigator.credentials.get({ publicKey: {
      ...common,
      rpId: o.rp,
      allowCredentials: keys,
      userVerification: o.verify ? 'required' : 'preferred',
    } });
  }

  async function go() {
    const o = await told();
    form.elements._csrf.value = o.csrf; // of a session that may have begun with it
    const common = { challenge: bytes(o.challenge), timeout: 240000 };
    const keys = o.keys.map((key) => ({ type: 'public-key', id: bytes(key.id) }));
    const add = button.getAttribute('data-purpose') === 'add';
    const { rawId, response } = await (add ? made : used)(o, common, keys);
    form.elements[button.getAttribute('data-field')].value = JSON.stringify({
      id: plain(rawId),
      client: plain(response.clientDataJSON),
      attestation: plain(response.attestationObject),
      data: add ? '' : plain(response.authenticatorData),
      signature: plain(response.signature),
      user: plain(response.userHandle),
    });
    HTMLFormElement.prototype.submit.call(form);
  }

  if (!window.PublicKeyCredential) return;
  button.closest('[hidden]').hidden = false;
  button.addEventListener('click', () => {
    say.textContent = '';
    button.disabled = true;
    go().catch(() => {
      say.textContent = button.getAttribute('data-failed');
      button.disabled = false;
      button.focus();
    });
  });
  window.addEventListener('pageshow', () => { button.disabled = false; });
}

function start(root) {
  document.body.classList.add('js-enabled', 'govuk-frontend-supported');
  reveal(root);
  when(root);
  all('[data-print]', root).forEach((button) => {
    button.hidden = false;
    button.addEventListener('click', () => window.print());
  });
  all('[data-reveal]', root).forEach(revealPassword);
  all('form[data-autosave]', root).forEach(autosave);
  all('form[data-most]', root).forEach(weigh); // before those that send
  all('form', root).forEach(guardSubmit);
  all('form[data-upload]', root).forEach(upload);
  all('[data-live]', root).forEach(live);
  all('[data-suggest]', root).forEach(suggest);
  all('[data-passkey]', root).forEach(passkey);
  if (root === document.body) focusFaults(root);
}

start(document.body);
