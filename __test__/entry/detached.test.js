'use strict';

// Methods do not need the object that they came from.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');

const [lead, sale, token] = endpoints;

describe('detached methods', () => {
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer();
  });
  after(() => server.close());

  for (const entry of entries) {
    const assertAnswers = async (/** @type {Promise<any>[]} */ calls) => {
      const outcomes = await Promise.all(calls.map(entry.outcomeOf));
      const token1 = { ...token.answer, expires: new Date(token.answer.expires) };
      assert.deepEqual(
        outcomes,
        [lead.answer, sale.answer, token1].map((data) => ({ data, error: null })),
      );
    };

    it(`${entry.name}: taken apart`, async () => {
      const { track, embedTokens } = clientOf(entry, server);
      const { lead: reportLead, sale: reportSale } = track;
      const { create } = embedTokens;
      await assertAnswers([reportLead(lead.params), reportSale(sale.params), create(token.params)]);
    });

    it(`${entry.name}: called on something else`, async () => {
      const { track, embedTokens } = clientOf(entry, server);
      for (const other of [undefined, null, {}, globalThis]) {
        await assertAnswers([
          track.lead.call(other, lead.params),
          Reflect.apply(track.sale, other, [sale.params]),
          embedTokens.create.bind(other)(token.params),
        ]);
      }
    });

    it(`${entry.name}: put on another object, and the client frozen or copied`, async () => {
      const client = clientOf(entry, server);
      const analytics = { ...client.track, ...client.embedTokens };
      await assertAnswers([analytics.lead(lead.params), analytics.sale(sale.params), analytics.create(token.params)]);
      const copy = Object.freeze({ ...client });
      await assertAnswers([
        copy.track.lead(lead.params),
        copy.track.sale(sale.params),
        copy.embedTokens.create(token.params),
      ]);
    });

    it(`${entry.name}: of a class that extends the client`, async () => {
      class Mine extends entry.sdk.Refport {
        report() {
          return this.track.lead(lead.params);
        }
      }
      const mine = new /** @type {any} */ (Mine)({ apiKey: 'rk_mine', baseUrl: server.url });
      assert.ok(mine instanceof entry.sdk.Refport);
      assert.deepEqual(await entry.outcomeOf(mine.report()), { data: lead.answer, error: null });
    });
  }
});
