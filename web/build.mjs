// SPDX-License-Identifier: Apache-2.0
// Makes web/dist from web/src: one style sheet, one script, the drawings. Fails over the budget.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import * as sass from 'sass';

const here = path.dirname(fileURLToPath(import.meta.url));
const src = path.join(here, 'src');
const dist = path.join(here, 'dist');
const BUDGET_BYTES = 45 * 1024;

function styles() {
  const out = sass.compile(path.join(src, 'dinh.scss'), {
    style: 'compressed',
    charset: false,
    loadPaths: [src, path.join(here, '..', 'node_modules')],
    quietDeps: true,
    silenceDeprecations: ['import', 'global-builtin', 'color-functions', 'if-function'],
  });
  return out.css.trim();
}

// Comments and indentation are for readers of the source.
function script() {
  const text = readFileSync(path.join(src, 'dinh.js'), 'utf8');
  const body = text.split('\n').map((line) => line.trim())
    .filter((line) => line && !line.startsWith('//')).join('\n');
  return `(()=>{${body}\n})();`;
}

function put(name, text) {
  writeFileSync(path.join(dist, name), text);
  const packed = gzipSync(text, { level: 9 }).length;
  console.log(`web/dist/${name}: ${Buffer.byteLength(text)} bytes, ${packed} packed`);
  return packed;
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
let total = put('dinh.css', styles()) + put('dinh.js', script());
for (const name of readdirSync(path.join(src, 'svg'))) {
  const text = readFileSync(path.join(src, 'svg', name), 'utf8');
  total += put(name, text.replace(/<!--.*?-->/gs, '').trim());
}
total += put('manifest.webmanifest', readFileSync(path.join(src, 'manifest.webmanifest'), 'utf8'));
console.log(`web/dist: ${total} bytes packed of ${BUDGET_BYTES}`);
if (total > BUDGET_BYTES) {
  console.error('web/dist is over its budget');
  process.exit(1);
}
