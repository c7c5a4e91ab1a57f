'use strict';

// A copy of the package as it is installed, without an addon, to which a test adds what it wants found.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { cleanEnvironment } = require('./run-node.js');

const ROOT = path.resolve(__dirname, '../..');

/** @param {import('node:test').TestContext} t */
function installedCopy(t) {
  const project = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-copy-'));
  t.after(() => fs.rmSync(project, { recursive: true, force: true }));
  const folder = path.join(project, 'node_modules', 'refport');
  const filter = (/** @type {string} */ file) => !/\.node$|\/\.[^/]+$/.test(file);
  for (const name of ['package.json', 'dist']) {
    fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true, filter });
  }
  // mkdtemp makes it its owner's alone.
  fs.chmodSync(project, 0o755);
  return {
    project,
    folder,
    /**
     * Runs a program in the project.
     * @param {string} program
     * @param {{ env?: Record<string, string>, execArgv?: string[], uid?: number, through?: string[] }} [options] `through` is a
     *   command that runs the one it is given
     */
    async run(program, { env = {}, execArgv = [], uid, through = [] } = {}) {
      const { REFPORT_ENGINE: _engine, ...clean } = cleanEnvironment();
      const node = [process.execPath, ...execArgv, '--input-type=commonjs', '--eval', program];
      const [command, ...args] = /** @type {[string, ...string[]]} */ ([...through, ...node]);
      const child = spawn(command, args, { cwd: project, env: { ...clean, ...env }, uid });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk));
      child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));
      const code = await new Promise((resolve) => child.once('close', (end, signal) => resolve(signal ?? end)));
      return { code, stdout, stderr };
    },
  };
}

/** How often a warning was given. @param {string} stderr */
const warnings = (stderr) => stderr.split('[REFPORT_NO_BINARY]').length - 1;

module.exports = { installedCopy, warnings };
