'use strict';

const { RefportError, errorFromReport } = require('../errors.js');

/**
 * @typedef {{ kind: 'outbox', code: string, message: string, cause?: { message: string, code: string } | null }} OutboxFailure
 */

/**
 * The error for a failure as src/bridge/outbox/text.rs reports it: of the outbox itself, of parameters, or of a call.
 * @param {OutboxFailure | import('../errors.js').FailureReport} failure
 * @returns {import('../../index.js').RefportError}
 */
function errorFromFailure(failure) {
  if (failure.kind !== 'outbox') {
    return errorFromReport({ ...failure, status: failure.status ?? 422, attempts: failure.attempts ?? 0 });
  }
  const { code, message, cause } = failure;
  // What was interrupted may have been counted.
  const ambiguous = code === 'INTERRUPTED';
  const reason = cause ? Object.assign(new Error(cause.message), { code: cause.code }) : undefined;
  return new RefportError(message, { code, ambiguous, cause: reason });
}

/** The error for whatever is asked of an outbox that was closed. */
const closedError = () => new RefportError('The outbox is closed', { code: 'CLOSED' });

module.exports = { closedError, errorFromFailure };
