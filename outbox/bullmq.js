'use strict';

const { BullOutbox } = require('../lib/outbox/queues/bullmq/outbox.js');

exports.BullOutbox = BullOutbox;
