'use strict';

/** The floor: JSON text out, a promise settled in a later turn of the loop, JSON text in; no I/O at all. */

const ANSWER = JSON.stringify({
  eventName: 'Sign up',
  click: { id: 'clk_9f8b2c7d4e6a1053' },
  link: {
    id: 'lnk_5b1d0c9e8f7a',
    domain: 'refp.example',
    key: 'partner-42',
    url: 'https://shop.example/pricing?plan=team',
    programId: 'prg_7c3e1a90',
  },
  customer: { externalId: 'user_184467', email: 'ada@example.com', name: 'Ada Lovelace' },
});

module.exports = {
  load: () => ({}),
  /** @type {import('./index.js').Connect} */
  connect() {
    /** @type {{ text: string, resolve: (answer: any) => void }[]} */
    let pending = [];
    const settle = () => {
      const batch = pending;
      pending = [];
      for (const { resolve } of batch) resolve(JSON.parse(ANSWER));
    };
    return (params) =>
      new Promise((resolve) => {
        if (pending.push({ text: JSON.stringify(params), resolve }) === 1) setImmediate(settle);
      });
  },
};
