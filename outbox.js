'use strict';

const { Outbox } = require('./lib/outbox/outbox.js');

exports.Outbox = Outbox;
