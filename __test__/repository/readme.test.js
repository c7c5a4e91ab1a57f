'use strict';

// Every piece of code in the README and in docs/ works: programs are type-checked and run against a sandbox, commands
// exist, links lead somewhere.

const assert = require('node:assert/strict');
const { execFile, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { promisify } = require('node:util');
const { createSandbox } = require('refport/testing');
const { blocks, others, pages } = require('../support/documentation.js');
const stripe = require('../support/payments/stripe.js');
const { startRecordingServer } = require('../support/recording-server.js');

const root = path.resolve(__dirname, '../..');
const run = promisify(execFile);

// Those that need Redis or Postgres are run by __test__/queues/docs.test.js.
const needsStore = /from 'refport\/outbox\/(bullmq|pg-boss)'/;
const programs = blocks.filter(({ language, code }) => ['ts', 'js'].includes(language) && !needsStore.test(code));
const commands = blocks.filter(({ language }) => language === 'sh').flatMap(({ code }) => code.trim().split('\n'));

/** Commands that other tests run for real. */
const runElsewhere = ['npm install refport', 'npx refport doctor', 'npx refport sandbox --help', 'npm test'];

let project = '';

/** @typedef {typeof programs[number]} Program */

/** Where a program is written. @param {Program} program */
const sourceOf = (program) => program.name ?? `program-${programs.indexOf(program)}.${program.language}`;

/** Where it is bundled. @param {Program} program */
const outputOf = (program) => path.join(project, 'out', `program-${programs.indexOf(program)}.mjs`);

/** The program of the quick start that is this file. @param {string} name @returns {Program} */
function quickStart(name) {
  const program = programs.find((candidate) => candidate.name === name);
  assert.ok(program, name);
  return program;
}

before(() => {
  project = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-readme-'));
  fs.mkdirSync(path.join(project, 'node_modules'));
  fs.symlinkSync(root, path.join(project, 'node_modules', 'refport'));
  for (const name of ['@types', 'next', 'react', 'stripe']) {
    fs.symlinkSync(path.join(root, 'node_modules', name), path.join(project, 'node_modules', name));
  }
  fs.writeFileSync(path.join(project, 'package.json'), '{ "type": "module" }');
  for (const program of programs) {
    const file = path.join(project, sourceOf(program));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, program.code);
  }
  const compilerOptions = {
    strict: true,
    target: 'es2022',
    lib: ['es2023', 'dom'],
    module: 'esnext',
    moduleResolution: 'bundler',
    types: ['node'],
    noEmit: true,
    // As create-next-app writes it.
    paths: { '@/*': ['./*'] },
    // Node's and the DOM's own declarations do not fit each other in every detail.
    skipLibCheck: true,
  };
  fs.writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['**/*.ts'] }));
  return build();
});

/** Bundles each program with the files of the same project that it imports, as a framework does. */
async function build() {
  const { rolldown } = await import('rolldown');
  for (const program of programs) {
    const bundle = await rolldown({
      input: path.join(project, sourceOf(program)),
      platform: 'node',
      resolve: { alias: { '@': project } },
      external: (id) => !path.isAbsolute(id) && !/^[.@]\//.test(id),
    });
    // Next.js itself is CommonJS, and Node wants the ending.
    await bundle.write({ file: outputOf(program), format: 'esm', paths: { 'next/server': 'next/server.js' } });
  }
}

after(() => fs.rmSync(project, { recursive: true, force: true }));

test('the README has programs and commands', () => {
  assert.ok(programs.length >= 10, `${programs.length} programs`);
  assert.ok(commands.length >= 4);
});

describe('programs', () => {
  test('compile under strict', async () => {
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = await run(process.execPath, [tsc, '--project', project]).catch((error) => error);
    assert.equal(stdout, '');
  });

  programs.forEach((program) => {
    // Servers run until they are told to stop, which has a test of its own.
    if (program.code.includes('SIGTERM')) return;
    test(`run: ${program.title}`, async () => {
      const sandbox = await createSandbox();
      const file = outputOf(program);
      const env = { ...process.env, REFPORT_API_KEY: sandbox.apiKey, REFPORT_BASE_URL: sandbox.url };
      try {
        const { stderr } = await run(process.execPath, [file], { env, cwd: project });
        assert.equal(stderr, '');
      } finally {
        await sandbox.close();
      }
    });
  });
});

/**
 * Has a handler of the quick start, a function `POST`, answer a request.
 *
 * @param {Program} program
 * @param {import('refport/testing').Sandbox} sandbox
 * @param {{ body: string, headers: Record<string, string> }} request
 */
async function post(program, sandbox, { body, headers }) {
  const env = {
    ...process.env,
    REFPORT_API_KEY: sandbox.apiKey,
    REFPORT_BASE_URL: sandbox.url,
    STRIPE_SECRET_KEY: 'sk_test_none',
    STRIPE_WEBHOOK_SECRET: stripe.SECRET,
  };
  const request = JSON.stringify({ method: 'POST', body, headers });
  const script = `
    import { POST } from ${JSON.stringify(outputOf(program))};
    const response = await POST(new Request('http://localhost/', ${request}));
    console.log(response.status, await response.text());`;
  return run(process.execPath, ['--input-type=module', '--eval', script], { env });
}

/** @param {import('refport/testing').Sandbox} sandbox @param {string} clickId */
const signUp = (sandbox, clickId) =>
  post(quickStart('app/signup/route.ts'), sandbox, {
    body: JSON.stringify({ email: 'ada@example.com' }),
    headers: { cookie: `refp_id=${clickId}` },
  });

test('the quick start reports the lead of a visitor who comes with a cookie', async () => {
  const sandbox = await createSandbox();
  try {
    const { stdout, stderr } = await signUp(sandbox, sandbox.clickId);
    assert.equal(stdout, '200 {"welcome":"ada@example.com"}\n');
    assert.equal(stderr, '');
    assert.deepEqual(
      sandbox.leads.map(({ params }) => [params.clickId, params.customerEmail]),
      [[sandbox.clickId, 'ada@example.com']],
    );
  } finally {
    await sandbox.close();
  }
});

test('the quick start signs up a visitor whose cookie the API does not know', async () => {
  const sandbox = await createSandbox();
  try {
    const { stdout, stderr } = await signUp(sandbox, 'stale');
    assert.equal(stdout, '200 {"welcome":"ada@example.com"}\n');
    assert.match(stderr, /not reported: RefportValidationError: .+INVALID_CLICK_ID/s);
    assert.equal(sandbox.requests.length, 1);
  } finally {
    await sandbox.close();
  }
});

/** @param {import('refport/testing').Sandbox} sandbox */
const payInvoice = (sandbox) => {
  const { payload, signature } = stripe.signStripe(stripe.stripeEvent('invoice.paid', stripe.invoice()));
  return post(quickStart('app/stripe/route.ts'), sandbox, {
    body: payload,
    headers: { 'stripe-signature': signature },
  });
};

test('the quick start sends the click along with the payment', async () => {
  const server = await startRecordingServer(() => ({ body: '{ "id": "cs_1" }' }));
  // Stripe's SDK takes another host as an option alone.
  const program = `
    import http from 'node:http';
    import https from 'node:https';
    import { syncBuiltinESMExports } from 'node:module';
    const { hostname, port } = new URL(${JSON.stringify(server.url)});
    https.request = ({ path, method, headers }) => http.request({ host: hostname, port, path, method, headers });
    syncBuiltinESMExports();
    const { checkout } = await import(${JSON.stringify(outputOf(quickStart('checkout.ts')))});
    const headers = { cookie: 'refp_id=click_1' };
    console.log((await checkout(new Request('http://localhost/', { headers }), 'user_1')).id);`;
  const env = { ...process.env, REFPORT_API_KEY: 'rk_test', STRIPE_SECRET_KEY: 'sk_test_none' };
  try {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { env });
    assert.equal(stdout, 'cs_1\n');
    const sent = new URLSearchParams(String(server.requests[0]?.body));
    assert.equal(sent.get('subscription_data[metadata][refp_id]'), 'click_1');
    assert.equal(sent.get('subscription_data[metadata][refp_customer_id]'), 'user_1');
  } finally {
    await server.close();
  }
});

test('the quick start records the sale of a paid invoice', async () => {
  const sandbox = await createSandbox();
  try {
    const { stdout, stderr } = await payInvoice(sandbox);
    assert.equal(stdout, '200 \n');
    assert.equal(stderr, '');
    assert.deepEqual(
      sandbox.sales.map(({ params }) => [params.clickId, params.amount]),
      [['click_1', 4900]],
    );
  } finally {
    await sandbox.close();
  }
});

test('the quick start has Stripe come again while the API is down, and not for a click that never was', async () => {
  const sandbox = await createSandbox();
  try {
    sandbox.fail({ on: 'sale', status: 500, times: Number.POSITIVE_INFINITY });
    assert.equal((await payInvoice(sandbox)).stdout, '503 \n');
  } finally {
    await sandbox.close();
  }
  const stranger = await createSandbox({ clicks: ['none_of_theirs'] });
  try {
    assert.equal((await payInvoice(stranger)).stdout, '200 \n');
  } finally {
    await stranger.close();
  }
});

test('programs that report survive a click that the API does not know', async () => {
  // Clicks of other names: those in the programs are known to every sandbox.
  const sandbox = await createSandbox({ clicks: ['none_of_theirs'] });
  const env = { ...process.env, REFPORT_API_KEY: sandbox.apiKey, REFPORT_BASE_URL: sandbox.url };
  try {
    for (const program of programs) {
      const { language, code, heading } = program;
      // Those in JavaScript bring a sandbox of their own.
      if (language !== 'ts' || code.includes('SIGTERM') || !/track\b.*\.(lead|sale)\(/s.test(code)) continue;
      sandbox.reset();
      const { stdout } = await run(process.execPath, [outputOf(program)], { env, cwd: project });
      if (heading === 'Errors') assert.equal(stdout, 'No such click: nobody is owed anything.\n');
      // Handlers wait for a request, and an outbox may be closed before it sends.
      const sends = code.includes('await') && !/^export|new Outbox/m.test(code);
      if (sends) assert.ok(sandbox.requests.length > 0, `${heading} sent nothing`);
    }
  } finally {
    await sandbox.close();
  }
});

test('a server that stops as shown loses no call in flight', async () => {
  const sandbox = await createSandbox();
  const env = { ...process.env, REFPORT_API_KEY: sandbox.apiKey, REFPORT_BASE_URL: sandbox.url, PORT: '0' };
  const [program] = programs.filter(({ code }) => code.includes('SIGTERM'));
  assert.ok(program);
  // Tells where it listens, which the program keeps to itself.
  const file = outputOf(program);
  const preload = `data:text/javascript,${encodeURIComponent(`
    import http from 'node:http';
    const { listen } = http.Server.prototype;
    http.Server.prototype.listen = function (...args) {
      return listen.apply(this, args).on('listening', () => console.log(this.address().port));
    };`)}`;
  const child = spawn(process.execPath, ['--import', preload, file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const exited = once(child, 'exit');
    const [port] = await once(child.stdout.setEncoding('utf8'), 'data');
    sandbox.delay({ on: 'lead', ms: 500, when: 'before' });
    const response = await fetch(`http://localhost:${port.trim()}/`, {
      headers: { cookie: `refp_id=${sandbox.clickId}`, connection: 'close' },
    });
    assert.equal(await response.text(), 'welcome');
    await sandbox.waitForRequest();
    assert.equal(sandbox.leads.length, 0);
    child.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
    assert.equal(sandbox.leads.length, 1);
  } finally {
    child.kill('SIGKILL');
    await sandbox.close();
  }
});

test('the commands exist', () => {
  /** @type {{ scripts: Record<string, string> }} */
  const { scripts } = require('../../package.json');
  for (const line of commands) {
    const command = line.replace(/\s*#.*$/, '');
    if (runElsewhere.includes(command) || command.startsWith('npx refport sandbox')) continue;
    // By outbox/command.test.js, on an outbox that has these entries.
    if (/^npx refport outbox (status|list|resend|erase \w+) --path /.test(command)) continue;
    const [, script] = /^npm run ([\w:-]+)/.exec(command) ?? [];
    assert.ok(script && scripts[script], `${command} is not tried by any test`);
  }
  for (const [, script = ''] of pages.flatMap(({ text }) => [...text.matchAll(/`npm run ([\w:-]+)/g)])) {
    assert.ok(scripts[script], script);
  }
});

test('the sandbox starts as shown', async () => {
  const shown = commands.filter((line) => line.startsWith('npx refport sandbox') && !line.includes('--help'));
  assert.ok(shown.length > 1);
  for (const line of shown) {
    // Two at once, and those of other tests, need ports of their own; the last one given counts.
    const args = [...line.split(' ').slice(2), '--port', '0'];
    const child = spawn(process.execPath, [path.join(root, 'dist', 'cli.cjs'), ...args], { cwd: project });
    try {
      let output = '';
      for await (const chunk of child.stdout.setEncoding('utf8')) {
        output += chunk;
        if (/REFPORT_BASE_URL=http:\/\/.+/.test(output)) break;
      }
      assert.match(output, /REFPORT_BASE_URL=http:/, line);
    } finally {
      child.kill();
      await once(child, 'close');
    }
  }
});

test('the links lead somewhere', () => {
  const anchors = new Map(
    [...pages, ...others].map(({ file, text }) => [
      file,
      [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replace(/[^\w\s-]/g, '')
          .replaceAll(' ', '-'),
      ),
    ]),
  );
  for (const { file, text } of [...pages, ...others]) {
    for (const [, target = ''] of text.matchAll(/(?:\]\(|src(?:set)?=")([^)"]+)[)"]/g)) {
      if (target.startsWith('http')) continue;
      const [to = '', anchor] = target.split('#');
      const page = to === '' ? file : path.join(path.dirname(file), to);
      assert.ok(fs.existsSync(path.join(root, page)), `${target} in ${file}`);
      if (anchor !== undefined) assert.ok(anchors.get(page)?.includes(anchor), `${target} in ${file}`);
    }
  }
});

test('the quick start keeps the click of a landing in a cookie', async () => {
  const script = `
    import { NextRequest } from 'next/server.js';
    import { proxy } from ${JSON.stringify(outputOf(quickStart('proxy.ts')))};
    for (const url of ['https://your.app/?refp_id=click_1', 'https://your.app/']) {
      console.log(proxy(new NextRequest(url)).headers.get('set-cookie'));
    }`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: project });
  const [landing, other] = stdout.split('\n');
  assert.equal(landing, 'refp_id=click_1; Max-Age=7776000; Path=/; SameSite=Lax; HttpOnly; Secure');
  assert.equal(other, 'null');
});

test('the README fits on three screens', () => {
  const lines = String(pages[0]?.text).trimEnd().split('\n').length;
  assert.ok(lines <= 170, `${lines} lines`);
});

test('the README links each page of docs/', () => {
  const [readme, ...rest] = pages;
  for (const { file } of rest) {
    const links = [...(readme?.text ?? '').matchAll(/\]\(([^)#]+)/g)].filter(([, target]) => target === file);
    assert.ok(links.length > 0, `${file} is not linked`);
  }
});

test('the files and folders that pages name exist', () => {
  const named = /`((?:src|lib|sandbox|scripts|__test__|examples|bench|docs|fuzz)\/[\w./-]*|[\w-]+\.(?:js|rs|d\.ts))`/g;
  const places = [
    '',
    'lib',
    'lib/engine',
    'src',
    'src/api',
    'src/bridge',
    'src/http',
    'src/http/pool',
    'src/outbox',
    '__test__/support',
  ];
  for (const { file, text } of [...pages, ...others.filter(({ file: name }) => name !== 'CHANGELOG.md')]) {
    for (const [, name = ''] of text.matchAll(named)) {
      const found = [path.dirname(file), ...places].some((place) => fs.existsSync(path.join(root, place, name)));
      assert.ok(found, `${name} in ${file}`);
    }
  }
});

test('the pages ask for the Rust that Cargo.toml asks for', () => {
  const wanted = /^rust-version = "(.+)"/m.exec(fs.readFileSync(path.join(root, 'Cargo.toml'), 'utf8'))?.[1];
  const asked = pages.flatMap(({ text }) => [...text.matchAll(/Rust ([\d.]+\d)/g)].map(([, version]) => version));
  assert.ok(asked.length > 0);
  for (const version of asked) assert.equal(version, wanted);
});
