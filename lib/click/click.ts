/** The functions of the entries, loaded with the first use: they are half of what `require('refport')` would compile. */

import { loadsChunks } from '#platform';
import type { CaptureOptions } from '../../index.js';
import * as bundledClick from './all.ts';

let loaded: typeof bundledClick | undefined;
const click = (): typeof bundledClick => {
  loaded ??= require('./chunk-click.cjs') as typeof bundledClick;
  return loaded;
};

export const captureClickId: typeof bundledClick.captureClickId = loadsChunks
  ? (request: unknown, options?: CaptureOptions) => click().captureClickId(request, options)
  : bundledClick.captureClickId;

export const getClickIdFromCookie: typeof bundledClick.getClickIdFromCookie = loadsChunks
  ? (cookieHeader, cookieName) => click().getClickIdFromCookie(cookieHeader, cookieName)
  : bundledClick.getClickIdFromCookie;

export const getClickIdFromRequest: typeof bundledClick.getClickIdFromRequest = loadsChunks
  ? (request, cookieName) => click().getClickIdFromRequest(request, cookieName)
  : bundledClick.getClickIdFromRequest;
