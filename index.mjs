import refport from './index.js';

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
