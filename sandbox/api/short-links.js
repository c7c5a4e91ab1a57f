'use strict';

const { randomBytes } = require('node:crypto');
const { errorAnswer } = require('../http/answer.js');
const { PARTNER } = require('../options.js');

const PREFIX = '/go/';

/** @param {string} pathname */
const isShortLink = (pathname) => pathname.startsWith(PREFIX);

/**
 * A partner's short link: registers a click and sends the visitor on to the app with the click's id.
 *
 * @param {string} pathname
 * @param {import('../core.js').Core} core
 * @returns {import('./endpoints.js').Result}
 */
function followLink(pathname, { state, settings, url }) {
  const partner = pathname.slice(PREFIX.length);
  if (!PARTNER.test(partner)) {
    return {
      answer: errorAnswer(404, 'NOT_FOUND', 'Short links are /go/<partner>: letters, digits, ".", "_" and "-"'),
    };
  }
  const click = state.makeClick({
    // Not counted up: browsers keep the id in a cookie for months, and a later sandbox must not know it by chance.
    id: `click_${randomBytes(9).toString('base64url')}`,
    partner,
    link: { domain: new URL(url).host },
  });
  state.apply({ click });
  const location = new URL(settings.appUrl);
  location.searchParams.set('refp_id', click.id);
  const headers = { location: location.href, 'cache-control': 'no-store' };
  return { answer: { status: 302, headers, body: '' }, effect: { click } };
}

module.exports = { isShortLink, followLink };
