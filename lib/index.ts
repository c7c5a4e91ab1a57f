export { captureClickId } from './click/capture.ts';
export { getClickIdFromCookie, getClickIdFromRequest } from './click/request.ts';
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
