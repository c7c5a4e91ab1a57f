'use strict';

/** Bar charts of a run as SVG text, drawn by ECharts without a browser. */

const echarts = require('echarts');
const { LABELS } = require('./clients/index.js');
const { FIGURES } = require('./figures.js');

/** @typedef {import('./clients/index.js').Name} Name */
/** @typedef {{ name: string, scenario: string, figure: string }} Series */
/** @typedef {{ file: string, title: string, clients: Name[], series: Series[] }} Chart */

/** @type {Chart[]} */
const CHARTS = [
  {
    file: 'main-thread.svg',
    title: 'Main-thread CPU per call, µs, 64 concurrent calls (less is better)',
    clients: ['refport', 'undici', 'http', 'impit', 'fetch'],
    series: [
      { name: 'plain', scenario: 'plain-64', figure: 'mainCpuUs' },
      { name: 'TLS', scenario: 'tls-64', figure: 'mainCpuUs' },
    ],
  },
  {
    file: 'throughput.svg',
    title: 'Calls per second, 64 concurrent calls (more is better)',
    clients: ['limit', 'refport', 'undici', 'http', 'impit', 'fetch'],
    series: [
      { name: 'plain', scenario: 'plain-64', figure: 'callsPerSecond' },
      { name: 'TLS', scenario: 'tls-64', figure: 'callsPerSecond' },
    ],
  },
  {
    file: 'burst.svg',
    title: 'Cold burst of 1 000 calls over TLS, 20 ms server time, ms (less is better)',
    clients: ['refport', 'undici-h2', 'undici', 'http', 'impit', 'fetch'],
    series: [
      { name: 'until all are answered', scenario: 'burst-tls', figure: 'burstMs' },
      { name: 'longest block of the event loop', scenario: 'burst-tls', figure: 'loopMaxMs' },
    ],
  },
  {
    file: 'latency.svg',
    title: 'One call after the other, plain HTTP, µs (less is better)',
    clients: ['refport', 'undici', 'http', 'impit', 'fetch'],
    series: [
      { name: 'p50', scenario: 'plain-1', figure: 'p50Us' },
      { name: 'p99', scenario: 'plain-1', figure: 'p99Us' },
    ],
  },
  {
    file: 'cold-start.svg',
    title: 'First call of a fresh process over bare node, ms (less is better)',
    clients: ['refport', 'http', 'undici', 'undici-h2', 'impit', 'fetch'],
    series: [
      { name: 'plain', scenario: 'cold-plain', figure: 'aboveBareMs' },
      { name: 'TLS', scenario: 'cold-tls', figure: 'aboveBareMs' },
    ],
  },
];

const WIDTH = 860;
const ROW_HEIGHT = 46;
const MARGINS = { left: 230, right: 80, top: 70, bottom: 16 };
/** [first series, second series] */
const OWN_COLORS = ['#0f766e', '#5eb5ac'];
const OTHER_COLORS = ['#64748b', '#b4bfcc'];

/**
 * @param {Chart} chart
 * @param {import('./summary.js').Summary} summary
 * @returns {string} SVG text
 */
function draw({ title, clients, series }, summary) {
  const height = MARGINS.top + MARGINS.bottom + clients.length * ROW_HEIGHT;
  const instance = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  instance.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    title: { text: title, left: 12, top: 10, textStyle: { fontSize: 15, color: '#0f172a' } },
    // Left, since without a browser the width of its text is only estimated.
    legend: { left: MARGINS.left - 4, top: 38, itemHeight: 10, itemGap: 48, data: series.map(({ name }) => name) },
    color: OTHER_COLORS,
    grid: MARGINS,
    xAxis: { type: 'value', axisLabel: { show: false }, splitLine: { lineStyle: { color: '#e2e8f0' } } },
    yAxis: {
      type: 'category',
      inverse: true,
      data: clients.map((client) => LABELS[client]),
      axisTick: { show: false },
      axisLabel: { color: '#0f172a' },
    },
    series: series.map(({ name, scenario, figure }, index) => ({
      name,
      type: 'bar',
      barMaxWidth: 14,
      data: clients.map((client) => bar(client, summary[scenario][client]?.[figure], index)),
      label: {
        show: true,
        position: 'right',
        color: '#0f172a',
        formatter: (/** @type {{ value: number }} */ { value }) => FIGURES[figure].format(value),
      },
    })),
  });
  const svg = instance.renderToSVGString();
  instance.dispose();
  return `${svg}\n`;
}

/**
 * @param {Name} client
 * @param {number | undefined} value nothing is drawn where a client does not take part
 * @param {number} index of the series
 */
function bar(client, value, index) {
  return { value: value ?? '-', itemStyle: { color: (client === 'refport' ? OWN_COLORS : OTHER_COLORS)[index] } };
}

module.exports = { CHARTS, draw };
