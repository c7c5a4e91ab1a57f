'use strict';

// The error classes as they are exported: names, ancestors, defaults, and what a stub can be made with.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { inspect } = require('node:util');
const sdk = require('refport');

/** @type {Record<string, any>} */
const byName = sdk;

/** Ancestors, status and code. */
/** @type {Record<string, [ancestors: string[], status: number, code: string]>} */
const classes = {
  RefportError: [['Error'], 0, 'UNKNOWN'],
  RefportAuthError: [['RefportError', 'Error'], 401, 'UNAUTHORIZED'],
  RefportValidationError: [['RefportError', 'Error'], 422, 'VALIDATION_ERROR'],
  RefportNotFoundError: [['RefportError', 'Error'], 404, 'NOT_FOUND'],
  RefportRateLimitError: [['RefportError', 'Error'], 429, 'RATE_LIMITED'],
  RefportConnectionError: [['RefportError', 'Error'], 0, 'CONNECTION_ERROR'],
  RefportTimeoutError: [['RefportConnectionError', 'RefportError', 'Error'], 0, 'TIMEOUT'],
  RefportAbortError: [['RefportError', 'Error'], 0, 'ABORTED'],
};

/** @returns {string[]} */
function ancestorsOf(/** @type {Function} */ errorClass) {
  const names = [];
  for (let next = Object.getPrototypeOf(errorClass); next !== Function.prototype; next = Object.getPrototypeOf(next)) {
    names.push(next.name);
  }
  return names;
}

describe('error classes', () => {
  it('are these and no others', () => {
    const exported = Object.keys(sdk).filter((name) => name.endsWith('Error'));
    assert.deepEqual(exported.sort(), Object.keys(classes).sort());
  });

  for (const [name, [ancestors, status, code]] of Object.entries(classes)) {
    const errorClass = byName[name];

    it(`${name}: ancestors`, () => {
      assert.deepEqual(ancestorsOf(errorClass), ancestors);
      const error = new errorClass('why');
      for (const ancestor of ancestors) assert.ok(error instanceof (byName[ancestor] ?? Error));
      for (const other of Object.keys(classes)) {
        assert.equal(error instanceof byName[other], other === name || ancestors.includes(other));
      }
    });

    it(`${name}: name and message`, () => {
      const error = new errorClass('why');
      assert.deepEqual([error.name, error.message, String(error)], [name, 'why', `${name}: why`]);
      assert.ok(!Object.keys(error).includes('name') && !Object.keys(error).includes('message'));
      assert.match(error.stack, new RegExp(`^${name}: why\\n.*errors.classes`));
      assert.match(inspect(error), new RegExp(`^${name}: why`));
    });

    it(`${name}: defaults, also for details that are undefined`, () => {
      const optional = ['retryAfter', 'requestId', 'headers', 'body'];
      const details = ['status', 'code', 'attempts', 'ambiguous', 'retryable', ...optional, 'cause'];
      for (const given of [undefined, {}, Object.fromEntries(details.map((detail) => [detail, undefined]))]) {
        const error = new errorClass('why', given);
        assert.deepEqual({ ...error }, { status, code, attempts: 0, ambiguous: false, retryable: false });
        for (const name of optional) assert.equal(error[name], undefined);
        assert.ok(!('cause' in error));
      }
    });

    it(`${name}: details`, () => {
      const cause = new Error('beneath');
      const details = {
        status: 418,
        code: 'OWN',
        attempts: 3,
        ambiguous: true,
        retryable: true,
        retryAfter: 1.5,
        requestId: 'r',
        headers: { a: 'b' },
        body: 'x',
      };
      const error = new errorClass('why', { ...details, cause });
      assert.deepEqual({ ...error }, details);
      assert.equal(error.cause, cause);
    });

    it(`${name}: what is undefined is not shown`, () => {
      assert.doesNotMatch(inspect(new errorClass('why', { code: 'OWN', retryAfter: undefined })), /undefined/);
    });
  }

  it('RefportError takes status, code and message as the JavaScript SDK did', () => {
    const error = new sdk.RefportError(500, 'X', 'boom');
    assert.deepEqual([error.message, error.status, error.code, error.attempts], ['boom', 500, 'X', 0]);
    assert.equal(String(error), 'RefportError: boom');
  });

  it('so do classes of the caller that extend it', () => {
    class QuotaError extends sdk.RefportError {
      constructor() {
        super(402, 'QUOTA', 'too much');
        this.name = 'QuotaError';
      }
    }
    class OtherError extends sdk.RefportError {}
    for (const error of [new QuotaError(), new OtherError(402, 'QUOTA', 'too much')]) {
      assert.ok(error instanceof sdk.RefportError);
      assert.deepEqual([error.message, error.status, error.code], ['too much', 402, 'QUOTA']);
    }
    assert.equal(String(new QuotaError()), 'QuotaError: too much');
  });

  it('status and code can be written', () => {
    const error = new sdk.RefportNotFoundError('gone');
    error.status = 410;
    error.code = 'GONE';
    assert.deepEqual([error.status, error.code], [410, 'GONE']);
  });

  it('are shown whole by JSON.stringify', () => {
    const details = {
      status: 429,
      code: 'SLOW',
      attempts: 2,
      retryAfter: 3,
      requestId: 'r',
      body: '{}',
      cause: new Error('x'),
    };
    const error = new sdk.RefportRateLimitError('slow down', details);
    const { cause: _, ...shown } = details;
    const rest = { ambiguous: false, retryable: false };
    assert.deepEqual(JSON.parse(JSON.stringify({ error })), {
      error: { name: 'RefportRateLimitError', message: 'slow down', ...shown, ...rest },
    });
  });
});
