'use strict';

// The Set-Cookie header, to the letter.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { captureClickId, getClickIdFromCookie } = require('refport');

/** @param {unknown} request @param {import('refport').CaptureOptions} [options] */
const setCookie = (request, options) => captureClickId(request, options)?.setCookie;

const landing = { url: '/?refp_id=click/1', headers: { host: 'shop.example' } };

test('by default: 90 days, everywhere on the site, for the server alone', () => {
  assert.equal(setCookie(landing), 'refp_id=click%2F1; Max-Age=7776000; Path=/; SameSite=Lax; HttpOnly; Secure');
});

test('with every option', () => {
  const options = /** @type {const} */ ({
    cookieName: 'click',
    domain: 'shop.example',
    path: '/app',
    maxAge: 60,
    sameSite: 'strict',
    secure: false,
    httpOnly: false,
  });
  assert.equal(
    setCookie(landing, options),
    'click=click%2F1; Max-Age=60; Path=/app; Domain=shop.example; SameSite=Strict',
  );
  assert.equal(captureClickId({ url: '/?via=a' }, { paramName: 'via' })?.clickId, 'a');
  assert.equal(captureClickId({ url: '/?refp_id=a' }, { paramName: 'via' }), null);
});

test('options that are undefined count as unset', () => {
  const unset = { cookieName: undefined, domain: undefined, maxAge: undefined, secure: undefined, keep: undefined };
  assert.equal(setCookie(landing, unset), setCookie(landing));
});

describe('Secure', () => {
  /** @type {[host: string, isLoopback: boolean][]} */
  const hosts = [
    ['localhost', true],
    ['LOCALHOST:3000', true],
    ['shop.localhost:3000', true],
    ['127.0.0.1:3000', true],
    ['127.8.8.8', true],
    ['[::1]:3000', true],
    ['shop.example', false],
    ['localhost.example', false],
    ['127.0.0.1.example', false],
    ['notlocalhost', false],
    ['10.0.0.1:3000', false],
    ['0.0.0.0', false],
  ];
  for (const [host, isLoopback] of hosts) {
    test(`${host}: ${isLoopback ? 'left out' : 'set'}`, () => {
      for (const request of [
        { url: '/?refp_id=a', headers: { host } },
        { url: '/?refp_id=a', headers: { Host: [host] } },
        { url: '/?refp_id=a', headers: { ':authority': host } },
        { querystring: 'refp_id=a', headers: { host: [{ key: 'Host', value: host }] } },
        ...(URL.canParse(`http://${host}`) ? [new Request(`http://${host}/?refp_id=a`)] : []),
      ]) {
        assert.equal(setCookie(request)?.includes('Secure'), !isLoopback);
      }
    });
  }

  test('is set where nothing names the host', () => assert.match(setCookie({ url: '/?refp_id=a' }) ?? '', /; Secure$/));

  test('a server behind a proxy goes by the Host header, not by the address that it listens on', () => {
    const request = new Request('http://localhost:3000/?refp_id=a', { headers: { host: 'shop.example' } });
    assert.match(setCookie(request) ?? '', /; Secure$/);
  });

  test('can be chosen', () => {
    assert.match(setCookie(new Request('http://localhost/?refp_id=a'), { secure: true }) ?? '', /; Secure$/);
    assert.doesNotMatch(setCookie(landing, { secure: false }) ?? '', /Secure/);
  });

  test('goes with SameSite=None and with the prefixes, without which browsers drop the cookie', () => {
    const local = new Request('http://localhost/?refp_id=a');
    for (const options of [
      { sameSite: /** @type {const} */ ('none') },
      { cookieName: '__Host-refp_id' },
      { cookieName: '__Secure-id' },
    ]) {
      assert.match(setCookie(local, options) ?? '', /; Secure$/);
    }
  });
});

test("a partner's second link replaces the first, or does not", () => {
  const again = { url: '/?refp_id=second', headers: { cookie: 'refp_id=first; other=x' } };
  assert.equal(captureClickId(again)?.clickId, 'second');
  assert.equal(captureClickId(again, { keep: 'last' })?.clickId, 'second');
  assert.equal(captureClickId(again, { keep: 'first' }), null);
  assert.equal(captureClickId(again, { keep: 'first', cookieName: 'click' })?.clickId, 'second');
  assert.equal(captureClickId({ url: '/?refp_id=a' }, { keep: 'first' })?.clickId, 'a');
});

test('the helper for cookies reads what was set', () => {
  const [pair = ''] = (setCookie(landing) ?? '').split(';');
  assert.equal(getClickIdFromCookie(pair), 'click/1');
});
