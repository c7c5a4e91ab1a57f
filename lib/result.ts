export { captureClickId } from './click/capture.ts';
export { getClickIdFromCookie, getClickIdFromRequest } from './click/request.ts';
export {
  RefportAbortError,
  RefportAuthError,
  RefportConnectionError,
  RefportError,
  RefportNotFoundError,
  RefportRateLimitError,
  RefportTimeoutError,
  RefportValidationError,
} from './client/errors.ts';
export { Refport } from './client/result-refport.ts';
