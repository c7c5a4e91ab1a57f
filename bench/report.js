'use strict';

/** Writes a run down: RESULTS.md, its charts, and the README's few figures. */

const fs = require('node:fs');
const path = require('node:path');
const { CHARTS, draw } = require('./charts.js');
const { checkGoals } = require('./goals.js');
const { losses } = require('./losses.js');
const { ratiosOf, writeRatios } = require('./ratios.js');
const { writeDocumentation } = require('./documentation.js');
const { summarise } = require('./summary.js');
const { clickIdTable, goalsTable, lossesTable, scenarioSections } = require('./tables.js');

const CHART_FOLDER = 'charts';

/** @param {import('./summary.js').Results} results */
function markdown(results) {
  const summary = summarise(results);
  return `${[
    '# Benchmark results',
    'Written by `npm run bench`; [README.md](README.md) says how each figure is taken.',
    machineText(results),
    `Medians of ${results.effort.rounds} round${results.effort.rounds === 1 ? '' : 's'} (cold start: ${results.effort.coldRounds}), the clients taking turns within each, ` +
      'a fresh process every time. In brackets: how many times refport’s figure.',
    '## Where refport loses',
    lossesText(losses(summary)),
    '## Charts',
    ...CHARTS.map(({ file, title }) => `![${title}](${CHART_FOLDER}/${file})`),
    '## All figures',
    ...scenarioSections(summary),
    '### `getClickIdFromCookie`',
    clickIdTable(results.clickId),
    '### Size of the addon',
    `\`${results.binary.file}\`, stripped: ${(results.binary.bytes / 1e6).toFixed(2)} MB, gzip: ${(results.binary.gzipBytes / 1e6).toFixed(2)} MB.`,
  ].join('\n\n')}\n`;
}

/** The goals of the project for its next release, which are no figures. @param {import('./summary.js').Results} results */
function goalsText(results) {
  const goals = checkGoals(summarise(results), results);
  return `${goals.filter(({ met }) => met).length} of ${goals.length} met.\n\n${goalsTable(goals)}\n`;
}

/** @param {import('./summary.js').Results} results */
function machineText({ machine, minutes }) {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `- ${machine.date}, ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}; client and server on the same machine`,
    `- ${versions.join(', ')}`,
    `- the run took ${minutes.toFixed(1)} minutes`,
  ].join('\n');
}

/** @param {import('./losses.js').Loss[]} found */
function lossesText(found) {
  if (!found.length) return 'No client did better than refport by more than 5 % in any figure below.';
  return `Every figure in which a client does better than refport by more than 5 %:\n\n${lossesTable(found)}`;
}

/** @param {import('./summary.js').Results} results */
function writeReport(results) {
  const summary = summarise(results);
  const folder = path.join(__dirname, CHART_FOLDER);
  fs.mkdirSync(folder, { recursive: true });
  for (const chart of CHARTS) fs.writeFileSync(path.join(folder, chart.file), draw(chart, summary));
  fs.writeFileSync(path.join(__dirname, 'RESULTS.md'), markdown(results));
  writeRatios(ratiosOf(results));
  writeDocumentation(summary);
}

module.exports = { goalsText, markdown, writeReport };
