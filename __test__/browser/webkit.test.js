'use strict';

// WebKit with its tracking prevention (WebKitGTK's MiniBrowser): what scripts store is capped at seven days, and the cookie of
// captureClickId is not.

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { setTimeout } = require('node:timers/promises');
const { faultyLibc, noFaultyLibc } = require('../support/faulty-libc.js');
const { temporaryFolder } = require('../support/outbox.js');
const { openShop } = require('./landing-shop.js');

const DAY = 24 * 60 * 60;

/** WebKitGTK's own browser, of whatever architecture and version. */
function miniBrowser() {
  const file = fs
    .readdirSync('/usr/lib', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) =>
      ['webkit2gtk-4.1', 'webkit2gtk-4.0'].map((of) => path.join('/usr/lib', name, of, 'MiniBrowser')),
    )
    .find((candidate) => fs.existsSync(candidate));
  if (!file) throw new Error('There is no MiniBrowser: apt-get install webkit2gtk-driver xvfb');
  return file;
}

/** A screen that nobody looks at. @param {import('node:test').TestContext} t @returns {Promise<string>} its name */
async function startScreen(t) {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  t.after(() => screen.kill());
  const [number] = await once(/** @type {import('node:stream').Readable} */ (screen.stdio[3]), 'data');
  return `:${String(number).trim()}`;
}

/** Writes cookies like an advertising script, then says that it has. */
const SCRIPT = `
  setTimeout(() => {
    document.cookie = 'by_script=1; Max-Age=7776000; Path=/; SameSite=Lax';
    document.cookie = 'refp_id=by_script; Max-Age=7776000; Path=/; SameSite=Lax';
    fetch('/seen', { method: 'POST' });
  }, 1000);`;

test('the cookie of captureClickId outlives those of scripts', { skip: noFaultyLibc, timeout: 120_000 }, async (t) => {
  const { app, url } = await openShop(t, SCRIPT);
  /** @type {(cookies: string) => void} */
  let seen = () => {};
  app.post('/seen', (/** @type {any} */ req, /** @type {any} */ res) => {
    seen(req.headers.cookie ?? '');
    res.end();
  });
  app.get(
    '/later',
    (/** @type {unknown} */ _, /** @type {any} */ res) =>
      void res.send("<script>fetch('/seen', { method: 'POST' })</script>"),
  );
  const machine = faultyLibc(t);
  const home = temporaryFolder(t);
  const jar = path.join(home, 'cookies.txt');
  const screen = await startScreen(t);

  /**
   * What the browser sends, and what is in its file of cookies after that: by name, the days that a cookie lives.
   *
   * @param {string} page
   */
  async function visit(page) {
    const args = ['--enable-itp', `--cookies-file=${jar}`, '--cookies-policy=always', page];
    const env = { HOME: home, XDG_RUNTIME_DIR: home, DISPLAY: screen, WEBKIT_DISABLE_COMPOSITING_MODE: '1' };
    const sent = new Promise((resolve) => (seen = resolve));
    const browser = spawn(miniBrowser(), args, {
      env: { ...process.env, LIBGL_ALWAYS_SOFTWARE: '1', ...env, ...machine.env },
      stdio: 'ignore',
    });
    t.after(() => browser.kill('SIGKILL'));
    const exited = once(browser, 'exit');
    const cookies = String(await sent);
    browser.kill();
    await exited;
    // Its network process writes the file when it ends, a moment later.
    const deadline = Date.now() + 10_000;
    while (!lifetimes(jar).refp_id && Date.now() < deadline) await setTimeout(50);
    return { cookies, days: lifetimes(jar) };
  }

  const landing = await visit(`${url}/?refp_id=click_1`);
  assert.match(landing.cookies, /refp_id=click_1/);
  assert.match(landing.cookies, /by_script=1/);
  assert.ok(
    Math.abs((landing.days.by_script ?? 0) - 7) < 0.1,
    `a script's cookie lives ${landing.days.by_script} days`,
  );
  assert.ok(Math.abs((landing.days.refp_id ?? 0) - 90) < 0.1, `ours lives ${landing.days.refp_id} days`);
  t.diagnostic(
    `a script's cookie of 90 days: ${landing.days.by_script?.toFixed(1)}; ours: ${landing.days.refp_id?.toFixed(1)}`,
  );

  machine.setClock(8 * DAY);
  const later = await visit(`${url}/later`);
  assert.match(later.cookies, /refp_id=click_1/);
  assert.doesNotMatch(later.cookies, /by_script/);
});

/** @param {string} jar in Netscape's format @returns {Record<string, number>} days that each cookie lives, by its name */
function lifetimes(jar) {
  if (!fs.existsSync(jar)) return {};
  const lines = fs.readFileSync(jar, 'utf8').split('\n');
  const fields = lines.map((line) => line.split('\t')).filter((line) => line.length >= 7);
  return Object.fromEntries(
    fields.map(([, , , , expires, name = '']) => [name, (Number(expires) - Date.now() / 1000) / DAY]),
  );
}
