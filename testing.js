'use strict';

const { SandboxError } = require('./sandbox/errors.js');
const { createSandbox } = require('./sandbox/sandbox.js');

exports.createSandbox = createSandbox;
exports.SandboxError = SandboxError;
