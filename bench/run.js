'use strict';

/**
 * npm run bench [-- --quick] [-- --check] [-- --only <scenario,…>] [-- --report] [-- --goals]
 *
 * --quick    fewer and shorter rounds, under two minutes; prints the tables and leaves RESULTS.md alone
 * --check    fails if a ratio to another client is much worse than in ratios.json, which the last full run wrote
 * --only     just these scenarios, and the goals that they decide, printed as they come
 * --report   writes RESULTS.md, ratios.json, the charts and the figures of docs/performance.md again from the last full run
 * --goals    prints which of the project's goals the last full run met
 * --results  the file of the last full run, if it is not bench/results.json
 */

const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { prepare } = require('./prepare.js');
const { SCENARIOS, FULL, QUICK } = require('./scenarios.js');

/** Written by a full run, and kept out of the repository. */
const RAW = path.join(__dirname, 'results.json');

async function main() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean' },
      report: { type: 'boolean' },
      goals: { type: 'boolean' },
      check: { type: 'boolean' },
      only: { type: 'string' },
      results: { type: 'string', default: RAW },
    },
  });
  const earlier = values.report || values.goals ? lastRun(values.results) : undefined;
  const built = prepare();
  // Not before its packages are installed.
  const { goalsText, markdown, writeReport } = require('./report.js');
  if (earlier && values.report) return writeReport(earlier);
  if (earlier) return void process.stdout.write(goalsText(earlier));

  const effort = values.quick ? QUICK : FULL;
  const scenarios = chosen(values.only);
  const started = process.hrtime.bigint();
  const samples = await measure(scenarios, effort, built);
  if (scenarios.length < SCENARIOS.length) return printTables(samples);

  const { describeMachine, measureBinary } = require('./machine.js');
  const { clickIdRows } = require('./click-id-rows.js');
  /** @type {import('./summary.js').Results} */
  const results = {
    machine: describeMachine(),
    binary: measureBinary(built.addon),
    clickId: clickIdRows(),
    effort,
    samples,
    minutes: Number(process.hrtime.bigint() - started) / 60e9,
  };
  if (values.check) check(results);
  if (values.quick) return void process.stdout.write(markdown(results));
  fs.writeFileSync(RAW, `${JSON.stringify(results)}\n`);
  writeReport(results);
  process.stderr.write(`wrote ${path.relative(process.cwd(), path.join(__dirname, 'RESULTS.md'))}\n`);
}

/**
 * @param {string} file
 * @returns {import('./summary.js').Results}
 */
function lastRun(file) {
  if (!fs.existsSync(file)) {
    throw new Error(
      'There is no full run yet to take the figures from. Run "npm run bench" first: it takes about fifteen minutes, on a ' +
        'machine that does nothing else.',
    );
  }
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/** @param {import('./summary.js').Results} results */
function check(results) {
  const { compareRatios, ratiosOf, readRatios } = require('./ratios.js');
  const worse = compareRatios(readRatios(), ratiosOf(results));
  for (const line of worse) process.stderr.write(`worse: ${line}\n`);
  if (worse.length > 0) process.exitCode = 1;
}

/** @param {string | undefined} only */
function chosen(only) {
  if (only === undefined) return SCENARIOS;
  const ids = only.split(',');
  const unknown = ids.filter((id) => !SCENARIOS.some((scenario) => scenario.id === id));
  if (unknown.length) {
    throw new Error(`no scenario ${unknown.join(', ')}; there are ${SCENARIOS.map(({ id }) => id).join(', ')}`);
  }
  return SCENARIOS.filter(({ id }) => ids.includes(id));
}

/**
 * @param {import('./scenarios.js').Scenario[]} scenarios
 * @param {import('./scenarios.js').Effort} effort
 * @param {ReturnType<typeof prepare>} built
 */
async function measure(scenarios, effort, built) {
  const { startServer } = require('./server.js');
  const { runScenario } = require('./rounds.js');
  const { progress } = require('./progress.js');
  const server = await startServer(built.server);
  const report = progress(scenarios, effort);
  /** @type {Record<string, import('./rounds.js').Samples>} */
  const samples = {};
  try {
    for (const scenario of scenarios) {
      samples[scenario.id] = await runScenario(scenario, effort, {
        server,
        limitBinary: built.limit,
        progress: (client, round, sample) => report(scenario, client, round, sample),
      });
    }
  } finally {
    await server.stop();
  }
  return samples;
}

/** Some scenarios, and the goals that they decide. @param {Record<string, import('./rounds.js').Samples>} samples */
function printTables(samples) {
  const { checkGoals } = require('./goals.js');
  const { summarise } = require('./summary.js');
  const { goalsTable, scenarioSections } = require('./tables.js');
  const summary = summarise({ samples });
  const goals = checkGoals(summary);
  const sections = [...scenarioSections(summary), ...(goals.length > 0 ? [`### Goals\n\n${goalsTable(goals)}`] : [])];
  process.stdout.write(`${sections.join('\n\n')}\n`);
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
