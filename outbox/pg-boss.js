'use strict';

const { PgOutbox } = require('../lib/outbox/queues/pg-boss/outbox.js');

exports.PgOutbox = PgOutbox;
