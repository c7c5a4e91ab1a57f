'use strict';

const { Refport } = require('./lib/client.js');
const { getClickIdFromCookie, getClickIdFromRequest } = require('./lib/click-id.js');
const {
  RefportError,
  RefportAuthError,
  RefportValidationError,
  RefportNotFoundError,
  RefportRateLimitError,
  RefportConnectionError,
  RefportTimeoutError,
  RefportAbortError,
} = require('./lib/errors.js');

module.exports = {
  Refport,
  getClickIdFromCookie,
  getClickIdFromRequest,
  RefportError,
  RefportAuthError,
  RefportValidationError,
  RefportNotFoundError,
  RefportRateLimitError,
  RefportConnectionError,
  RefportTimeoutError,
  RefportAbortError,
};
