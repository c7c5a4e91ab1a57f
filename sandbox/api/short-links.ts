import { randomBytes } from 'node:crypto';
import type { Core } from '../core.ts';
import { errorAnswer } from '../http/answer.ts';
import { PARTNER } from '../options.ts';
import type { Result } from './endpoints.ts';

const PREFIX = '/go/';

export const isShortLink = (pathname: string): boolean => pathname.startsWith(PREFIX);

/** A partner's short link: registers a click and redirects to the app with the click's id. */
export function followLink(pathname: string, { state, settings, url }: Core): Result {
  const partner = pathname.slice(PREFIX.length);
  if (!PARTNER.test(partner)) {
    const message = 'Short links are /go/<partner>: letters, digits, ".", "_" and "-"';
    return { answer: errorAnswer(404, 'NOT_FOUND', message) };
  }
  const click = state.addClick({ id: randomClickId(), partner, link: { domain: new URL(url).host } });
  const location = new URL(settings.appUrl);
  location.searchParams.set('refp_id', click.id);
  const headers = { location: location.href, 'cache-control': 'no-store' };
  return { answer: { status: 302, headers, body: '' }, effect: { click } };
}

/** Random, not counted: browsers keep ids in cookies for months, and a later sandbox must not know one by chance. */
export const randomClickId = (): string => `click_${randomBytes(9).toString('base64url')}`;
