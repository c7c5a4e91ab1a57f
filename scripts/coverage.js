'use strict';

// `npm run coverage`: how much of the Rust and of the JavaScript the tests of `npm test` run, in Markdown. A figure to look at,
// and no gate. Needs llvm-profdata and llvm-cov of the LLVM that rustc has (`rustup component add llvm-tools`, or Debian's
// package), and takes twice as long as `npm test`.

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { ensureServers } = require('./servers.js');
const { tests } = require('./test.js');

const root = path.resolve(__dirname, '..');
const folder = path.join(root, 'target', 'coverage');

/** @typedef {{ covered: number, total: number }} Lines */

/** @returns {Lines} */
function rustLines() {
  const [profdata, cov] = llvmTools();
  const profiles = path.join(folder, 'profiles');
  fs.rmSync(profiles, { recursive: true, force: true });
  const env = {
    ...process.env,
    CARGO_TARGET_DIR: folder,
    RUSTFLAGS: '-C instrument-coverage',
    LLVM_PROFILE_FILE: path.join(profiles, '%p-%m.profraw'),
  };
  const built = output('cargo', ['test', '--locked', '--no-run', '--message-format=json'], env);
  const programs = built
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .flatMap((line) => JSON.parse(line).executable ?? []);
  output('cargo', ['test', '--locked', '--quiet'], env);
  const merged = path.join(folder, 'merged.profdata');
  const raw = fs.readdirSync(profiles).map((name) => path.join(profiles, name));
  output(profdata, ['merge', '--sparse', '--output', merged, ...raw]);
  const objects = programs.flatMap((program) => ['--object', program]);
  const args = ['export', '--summary-only', '--instr-profile', merged, ...objects, path.join(root, 'src')];
  const { count, covered } = JSON.parse(output(cov, args)).data[0].totals.lines;
  return { covered, total: count };
}

/** @returns {[profdata: string, cov: string]} */
function llvmTools() {
  const version = output('rustc', ['--version', '--verbose']);
  const host = /^host: (.+)$/m.exec(version)?.[1] ?? '';
  const sysroot = output('rustc', ['--print', 'sysroot']).trim();
  const names = /** @type {const} */ (['llvm-profdata', 'llvm-cov']);
  const own = names.map((name) => path.join(sysroot, 'lib', 'rustlib', host, 'bin', name));
  if (own.every((file) => fs.existsSync(file))) return [own[0] ?? '', own[1] ?? ''];
  const major = /^LLVM version: (\d+)/m.exec(version)?.[1];
  ensureServers(`llvm-${major}`);
  return [`llvm-profdata-${major}`, `llvm-cov-${major}`];
}

/** @returns {Lines} */
function javascriptLines() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 8)) {
    throw new Error(`Node 22.8 or newer measures the coverage of JavaScript; this is ${process.version}.`);
  }
  const bundler = path.join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs');
  output(process.execPath, [bundler, '--config', '--sourcemap']);
  const report = path.join(folder, 'javascript.lcov');
  fs.mkdirSync(folder, { recursive: true });
  const coverage = ['--experimental-test-coverage', '--enable-source-maps'];
  const reporter = ['--test-reporter=lcov', '--test-reporter-destination', report];
  const { status } = spawnSync(process.execPath, ['--test', ...coverage, ...reporter, ...tests], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.stderr.write('Some tests failed: the figure leaves out what they would have run.\n');
  // Only the sources of the package's bundles: the report has the tests' own files too.
  const files = fs
    .readFileSync(report, 'utf8')
    .split('end_of_record')
    .filter((text) => /^SF:(lib|sandbox)\//m.test(text));
  const sum = (/** @type {RegExp} */ field) =>
    files.reduce((total, text) => total + Number(field.exec(text)?.[1] ?? 0), 0);
  return { covered: sum(/^LH:(\d+)$/m), total: sum(/^LF:(\d+)$/m) };
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
const output = (command, args, env = process.env) =>
  execFileSync(command, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 2] });

/** @param {Lines} lines */
const row = ({ covered, total }) => `${((covered / total) * 100).toFixed(1)} % | ${covered} of ${total}`;

if (require.main === module) {
  const wanted = process.argv.slice(2);
  const parts = { rust: rustLines, javascript: javascriptLines };
  console.log('| language | lines covered | |\n| --- | ---: | ---: |');
  for (const [name, measure] of Object.entries(parts)) {
    if (wanted.length === 0 || wanted.includes(name)) console.log(`| ${name} | ${row(measure())} |`);
  }
}
