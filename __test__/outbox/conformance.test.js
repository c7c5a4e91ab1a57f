'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after } = require('node:test');
const { Outbox } = require('refport/outbox');
const { testConformance } = require('../support/outbox-conformance/index.js');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-conformance-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
let areas = 0;

testConformance({
  name: 'Outbox',
  newArea: () => path.join(folder, `outbox-${++areas}.db`),
  optionsFor: (area) => ({ path: area }),
  open: (refport, area, options) => new Outbox(refport, { path: area, ...options }),
});
