'use strict';

// Every piece of code in the README works: programs are type-checked and run against a sandbox, commands exist, links
// lead somewhere.

const assert = require('node:assert/strict');
const { execFile, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { promisify } = require('node:util');
const { createSandbox } = require('../testing.js');

const root = path.resolve(__dirname, '..');
const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
const run = promisify(execFile);

const blocks = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([whole, language = '', code = '']) => {
  const before = readme.slice(0, readme.indexOf(whole));
  const [, heading = ''] = [...before.matchAll(/^#+ (.+)$/gm)].at(-1) ?? [];
  return { language, code, title: `${heading}, line ${before.split('\n').length + 1}` };
});
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

  programs.forEach(({ language, title }, index) => {
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

test('the quick start reports the lead of a visitor who comes with a cookie', async () => {
  const sandbox = await createSandbox();
  const env = { ...process.env, REFPORT_API_KEY: sandbox.apiKey, REFPORT_BASE_URL: sandbox.url };
  const program = `
    import { POST } from ${JSON.stringify(path.join(project, 'out', 'program-0.js'))};
    const body = JSON.stringify({ email: 'ada@example.com' });
    const headers = { cookie: 'refp_id=${sandbox.clickId}' };
    const response = await POST(new Request('http://localhost/', { method: 'POST', body, headers }));
    console.log(await response.text());`;
  try {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { env });
    assert.equal(stdout, '{"welcome":"ada@example.com"}\n');
    assert.deepEqual(
      sandbox.leads.map(({ params }) => [params.clickId, params.customerEmail]),
      [[sandbox.clickId, 'ada@example.com']],
    );
  } finally {
    await sandbox.close();
  }
});

test('the commands exist', () => {
  const { scripts } = require('../package.json');
  for (const line of commands) {
    const command = line.replace(/\s*#.*$/, '');
    if (runElsewhere.includes(command) || command.startsWith('npx refport sandbox')) continue;
    const [, script] = /^npm run ([\w:-]+)/.exec(command) ?? [];
    assert.ok(script && scripts[script], `${command} is not tried by any test`);
  }
  for (const [, script = ''] of readme.matchAll(/`npm run ([\w:-]+)/g)) assert.ok(scripts[script], script);
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
  const headings = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
  for (const [, target = ''] of readme.matchAll(/(?:\]\(|src(?:set)?=")([^)"]+)[)"]/g)) {
    if (target.startsWith('#')) assert.ok(headings.includes(target.slice(1)), target);
    else if (!target.startsWith('http')) assert.ok(fs.existsSync(path.join(root, target)), target);
  }
});
