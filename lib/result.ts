export { getClickIdFromCookie, getClickIdFromRequest } from './click-id.js';
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
export { Refport } from './result-client.js';
