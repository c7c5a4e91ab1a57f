import refport from './result.js';

export const {
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
} = refport;
