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
const { createSandbox } = require('../../testing.js');

const root = path.resolve(__dirname, '../..');
const run = promisify(execFile);

const pages = ['README.md', ...fs.readdirSync(path.join(root, 'docs')).map((file) => path.join('docs', file))]
  .filter((file) => file.endsWith('.md'))
  .map((file) => ({ file, text: fs.readFileSync(path.join(root, file), 'utf8') }));

const blocks = pages.flatMap(({ file, text }) =>
  [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(({ 1: language = '', 2: code = '', index }) => {
    const before = text.slice(0, index);
    const [, heading = ''] = [...before.matchAll(/^#+ (.+)$/gm)].at(-1) ?? [];
    return { language, code, heading, title: `${file}, ${heading}, line ${before.split('\n').length + 1}` };
  }),
);
const programs = blocks.filter(({ language }) => ['ts', 'js'].includes(language));
const commands = blocks.filter(({ language }) => language === 'sh').flatMap(({ code }) => code.trim().split('\n'));

/** Commands that other tests run for real. */
const runElsewhere = ['npm install refport', 'npx refport sandbox --help', 'npm test'];

let project = '';

before(() => {
  project = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-readme-'));
  fs.mkdirSync(path.join(project, 'node_modules'));
  fs.symlinkSync(root, path.join(project, 'node_modules', 'refport'));
  fs.symlinkSync(path.join(root, 'node_modules', '@types'), path.join(project, 'node_modules', '@types'));
  fs.writeFileSync(path.join(project, 'package.json'), '{ "type": "module" }');
  programs.forEach(({ language, code }, index) => {
    fs.writeFileSync(path.join(project, `program-${index}.${language}`), code);
  });
  const compilerOptions = {
    strict: true,
    target: 'es2022',
    lib: ['es2023', 'dom'],
    module: 'nodenext',
    types: ['node'],
    outDir: 'out',
    // Node's and the DOM's own declarations do not fit each other in every detail.
    skipLibCheck: true,
  };
  fs.writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
});

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

  programs.forEach(({ language, title, code }, index) => {
    // Servers run until they are told to stop, which has a test of its own.
    if (code.includes('SIGTERM')) return;
    test(`run: ${title}`, async () => {
      const sandbox = await createSandbox();
      const file = path.join(project, language === 'ts' ? 'out' : '', `program-${index}.js`);
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
 * Has the handler of the quick start answer a visitor.
 *
 * @param {import('../../testing.js').Sandbox} sandbox
 * @param {string} clickId
 */
async function signUp(sandbox, clickId) {
  const env = { ...process.env, REFPORT_API_KEY: sandbox.apiKey, REFPORT_BASE_URL: sandbox.url };
  const program = `
    import { POST } from ${JSON.stringify(path.join(project, 'out', 'program-0.js'))};
    const body = JSON.stringify({ email: 'ada@example.com' });
    const headers = { cookie: 'refp_id=${clickId}' };
    const response = await POST(new Request('http://localhost/', { method: 'POST', body, headers }));
    console.log(response.status, await response.text());`;
  return run(process.execPath, ['--input-type=module', '--eval', program], { env });
}

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

test('programs that report survive a click that the API does not know', async () => {
  // Clicks of other names: those in the programs are known to every sandbox.
  const sandbox = await createSandbox({ clicks: ['none_of_theirs'] });
  const env = { ...process.env, REFPORT_API_KEY: sandbox.apiKey, REFPORT_BASE_URL: sandbox.url };
  const started = programs.findIndex(({ heading, code }) => heading === 'Quick start' && code.includes('track.sale'));
  try {
    const { stdout } = await run(process.execPath, [path.join(project, 'out', `program-${started}.js`)], { env });
    assert.match(stdout, /The sale was not reported: INVALID_CLICK_ID/);
  } finally {
    await sandbox.close();
  }
});

test('a server that stops as shown loses no call in flight', async () => {
  const sandbox = await createSandbox();
  const env = { ...process.env, REFPORT_API_KEY: sandbox.apiKey, REFPORT_BASE_URL: sandbox.url, PORT: '0' };
  const started = programs.findIndex(({ code }) => code.includes('SIGTERM'));
  // Tells where it listens, which the program keeps to itself.
  const file = path.join(project, 'out', `program-${started}.js`);
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
  const { scripts } = require('../../package.json');
  for (const line of commands) {
    const command = line.replace(/\s*#.*$/, '');
    if (runElsewhere.includes(command) || command.startsWith('npx refport sandbox')) continue;
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
    const child = spawn(process.execPath, [path.join(root, 'bin', 'refport.js'), ...args], { cwd: project });
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
    pages.map(({ file, text }) => [
      file,
      [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replace(/[^\w\s-]/g, '')
          .replaceAll(' ', '-'),
      ),
    ]),
  );
  for (const { file, text } of pages) {
    for (const [, target = ''] of text.matchAll(/(?:\]\(|src(?:set)?=")([^)"]+)[)"]/g)) {
      if (target.startsWith('http')) continue;
      const [to = '', anchor] = target.split('#');
      const page = to === '' ? file : path.join(path.dirname(file), to);
      assert.ok(fs.existsSync(path.join(root, page)), `${target} in ${file}`);
      if (anchor !== undefined) assert.ok(anchors.get(page)?.includes(anchor), `${target} in ${file}`);
    }
  }
});
