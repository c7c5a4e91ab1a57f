'use strict';

const { SandboxError } = require('./lib/sandbox/errors.js');
const { createSandbox } = require('./lib/sandbox/sandbox.js');

exports.createSandbox = createSandbox;
exports.SandboxError = SandboxError;
