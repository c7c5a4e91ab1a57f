export { getClickIdFromCookie, getClickIdFromRequest } from './click-id.js';
export { Refport } from './client.js';
export {
  RefportAbortError,
  RefportAuthError,
  RefportConnectionError,
  RefportError,
  RefportNotFoundError,
  RefportRateLimitError,
  RefportTimeoutError,
  RefportValidationError,
} from './errors.js';
