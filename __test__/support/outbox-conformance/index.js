'use strict';

// What every outbox promises, whatever it keeps its entries in.

const { delivery } = require('./delivery.js');
const { listeners } = require('./listeners.js');
const { pause } = require('./pause.js');
const { recording } = require('./recording.js');
const { parking } = require('./parking.js');

/** @param {import('./setting.js').Harness} harness */
function testConformance(harness) {
  recording(harness);
  delivery(harness);
  parking(harness);
  pause(harness);
  listeners(harness);
}

module.exports = { testConformance };
