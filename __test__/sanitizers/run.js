'use strict';

// The addon with the compiler's sanitizers:
//
//   npm run test:sanitizers               all
//   npm run test:sanitizers -- address    one
//
// address: tests, and a round of chaos, with an addon that checks every access to memory, its C code (SQLite, ring) included.
// thread: the tests of the Rust code (`cargo test`) with a standard library that reports data races.
//
// The flags are those of nightly compilers. RUSTC_BOOTSTRAP has a stable one take them.

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { platformName } = require('../../scripts/addon.js');
const { ensureServers } = require('../../scripts/servers.js');

const root = path.resolve(__dirname, '../..');
const folder = path.join(root, 'target', 'sanitizers');

/** What an error of memory would most likely be in: the boundary, its ends, and the outbox's own threads. */
const TESTED = ['lifecycle', 'outbox', 'wire'];
/** Tests that measure memory, and those that load a library before the sanitizer's. */
const UNFIT = /\brss\b|faulty-libc|LD_PRELOAD/i;

/** The host's name to Rust. */
const host = () => /^host: (.+)$/m.exec(output('rustc', ['--version', '--verbose']))?.[1] ?? '';

/**
 * @param {string} command
 * @param {string[]} args
 */
const output = (command, args) => execFileSync(command, args, { cwd: root, encoding: 'utf8' });

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function run(command, args, env) {
  const { status, signal } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, CARGO_TARGET_DIR: folder, RUSTC_BOOTSTRAP: '1', ...env },
  });
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with ${signal ?? status}`);
}

function address() {
  const target = host();
  const name = target.replaceAll('-', '_');
  run('cargo', ['build', '--locked', '--lib', '--target', target], {
    RUSTFLAGS: '-Zsanitizer=address -Cforce-frame-pointers=yes',
    [`CFLAGS_${name}`]: '-fsanitize=address -fno-omit-frame-pointer -g',
  });
  const addon = path.join(folder, `native.${platformName()}.node`);
  fs.copyFileSync(path.join(folder, target, 'debug', 'librefport.so'), addon);
  const reports = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-asan-'));
  const env = {
    NAPI_RS_NATIVE_LIBRARY_PATH: addon,
    // Node itself is not instrumented, so the runtime has to be there before the addon. The soak looks for leaks.
    LD_PRELOAD: output('cc', ['-print-file-name=libasan.so']).trim(),
    ASAN_OPTIONS: `detect_leaks=0:halt_on_error=1:log_path=${path.join(reports, 'report')}`,
  };
  // By itself: as a long run it counts memory, with a library that comes before the sanitizer's.
  const chaos = path.join('__test__', 'support', 'programs', 'chaos.js');
  const plan = JSON.stringify({ seed: Date.now() % 2 ** 31, rounds: 2, calls: 1000 });
  try {
    const files = TESTED.flatMap((place) =>
      fs
        .readdirSync(path.join(root, '__test__', place))
        .filter((file) => file.endsWith('.test.js'))
        .map((file) => path.join('__test__', place, file))
        .filter((file) => !UNFIT.test(fs.readFileSync(path.join(root, file), 'utf8'))),
    );
    const results = [
      attempt(() => run(process.execPath, ['--test', '--test-reporter=spec', '--test-concurrency=2', ...files], env)),
      attempt(() => run(process.execPath, ['--expose-gc', chaos, plan], env)),
    ];
    for (const file of fs.readdirSync(reports)) {
      results.push(fs.readFileSync(path.join(reports, file), 'utf8').slice(0, 6000));
    }
    return results.filter(Boolean);
  } finally {
    fs.rmSync(reports, { recursive: true, force: true });
  }
}

function thread() {
  ensureServers('rustc-web', 'rust-web-src', 'libclang-rt-22-dev', 'lld');
  const runtime = output('sh', ['-c', 'ls /usr/lib/llvm-22/lib/clang/*/lib/linux/libclang_rt.tsan-x86_64.a']).trim();
  // SQLite reads the header of its log's index while another connection may write it, and checks what it read.
  const suppressions = path.join(folder, 'tsan-suppressions');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(suppressions, 'race:walIndexTryHdr\nrace:walIndexWriteHdr\n');
  const link = `-Clink-arg=-Wl,--whole-archive,${runtime},--no-whole-archive`;
  const problem = attempt(() =>
    run('cargo', ['test', '--locked', '--quiet', '--target', host(), '-Zbuild-std=std,panic_unwind'], {
      RUSTC: '/usr/bin/rustc',
      RUSTFLAGS: `-Zsanitizer=thread -Zexternal-clangrt ${link} -Clink-arg=-lstdc++ -Clink-arg=-lm -Clink-arg=-lc -Clink-arg=-fuse-ld=lld`,
      TSAN_OPTIONS: `halt_on_error=1:second_deadlock_stack=1:suppressions=${suppressions}`,
    }),
  );
  return [problem].filter(Boolean);
}

/** @param {() => void} step @returns {string} what went wrong, if anything */
function attempt(step) {
  try {
    step();
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @type {Record<string, () => string[]>} */
const SANITIZERS = { address, thread };

/** @param {string[]} names */
function main(names) {
  const unknown = names.find((name) => !SANITIZERS[name]);
  if (unknown) throw new Error(`There is no sanitizer "${unknown}". There are: ${Object.keys(SANITIZERS).join(', ')}.`);
  let failed = 0;
  const chosen = names.length > 0 ? names : Object.keys(SANITIZERS);
  for (const name of chosen) {
    const problems = SANITIZERS[name]?.() ?? [];
    if (problems.length > 0) failed += 1;
    for (const problem of problems) console.error(`✗ ${name}: ${problem}`);
    if (problems.length === 0) console.log(`✓ ${name}`);
  }
  console.log(`\n${chosen.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
