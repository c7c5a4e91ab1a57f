export { captureClickId, getClickIdFromCookie, getClickIdFromRequest } from './click/click.ts';
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
export { Refport } from './client/refport.ts';
