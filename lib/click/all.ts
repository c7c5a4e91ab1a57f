export { captureClickId } from './capture.ts';
export { getClickIdFromCookie, getClickIdFromRequest } from './request.ts';
