'use strict';

// What an editor shows of the declarations: what each call throws, and what its parameters are.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { openInEditor } = require('../support/language-server.js');

const root = path.resolve(__dirname, '../..');

const CODE = `
import { Refport } from 'refport';
import * as result from 'refport/result';
import { Outbox } from 'refport/outbox';
import { BullOutbox } from 'refport/outbox/bullmq';
import { PgOutbox } from 'refport/outbox/pg-boss';
import { createSandbox } from 'refport/testing';
import { attribution } from 'refport/webhooks';
const refport = new Refport();
refport.track.lead();
refport.track.sale();
refport.embedTokens.create();
refport.close();
const quiet = new result.Refport();
quiet.track.lead();
quiet.embedTokens.create();
const outbox = new Outbox(refport, { path: 'outbox.db' });
outbox.track.sale();
const bull = new BullOutbox(refport, { connection: {} });
bull.track.sale();
const pg = new PgOutbox(refport, { connectionString: '', role: 'both' });
pg.track.sale();
attribution();
createSandbox();
`;

const CALLS = ['refport.track.lead', 'refport.track.sale', 'refport.embedTokens.create', 'refport.close'];
const OUTBOXES = ['outbox.track.sale', 'bull.track.sale', 'pg.track.sale'];

/** @param {import('node:test').TestContext} t */
async function open(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-hovers-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.mkdirSync(path.join(folder, 'node_modules'));
  fs.symlinkSync(root, path.join(folder, 'node_modules', 'refport'));
  fs.writeFileSync(path.join(folder, 'code.ts'), CODE);
  const compilerOptions = { module: 'nodenext', strict: true, noEmit: true, types: [] };
  fs.writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['code.ts'] }));
  const editor = await openInEditor(folder, 'code.ts');
  t.after(() => editor.close());
  return editor;
}

test('what a call throws is shown by the name of the class', { timeout: 60_000 }, async (t) => {
  const { hover } = await open(t);
  for (const call of [...CALLS, ...OUTBOXES, 'attribution', 'createSandbox']) {
    const shown = await hover(call === 'attribution' || call === 'createSandbox' ? `\n${call}` : call);
    assert.match(shown, /@throws.+\w+Error/, call);
    assert.doesNotMatch(shown, /@link/, call);
  }
});

test('every parameter of a call is explained', { timeout: 60_000 }, async (t) => {
  const { parameters } = await open(t);
  for (const call of [...CALLS, 'quiet.track.lead', 'quiet.embedTokens.create', ...OUTBOXES]) {
    const shown = await parameters(`${call}(`);
    assert.ok(shown.length > 0, call);
    for (const [label, documentation] of shown) assert.ok(documentation, `${label} of ${call}`);
  }
});

test('an option that outboxes share is explained', { timeout: 60_000 }, async (t) => {
  const { hover } = await open(t);
  assert.match(await hover('role'), /'producer'.* records and delivers nothing/);
});

test('no declaration has a tag that editors do not show', () => {
  for (const entry of ['index.d.ts', ...fs.readdirSync(path.join(root, 'types')).map((name) => `types/${name}`)]) {
    assert.doesNotMatch(fs.readFileSync(path.join(root, entry), 'utf8'), /@throws \{@link/, entry);
  }
});
