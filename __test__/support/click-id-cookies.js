'use strict';

// Cookie headers and the click ID in each, which every kind of request has to agree on.

/** @type {Record<string, { header: string | undefined, id: string | null, isMalformed?: true }>} */
const cookies = {
  'no header': { header: undefined, id: null },
  'another cookie': { header: 'theme=dark', id: null },
  'a name that ends or starts alike': { header: 'xrefp_id=1; refp_id2=2', id: null },
  'an empty cookie': { header: 'refp_id=; theme=dark', id: null },
  'an empty quoted cookie': { header: 'refp_id=""', id: null },
  alone: { header: 'refp_id=clk_1', id: 'clk_1' },
  'between others': { header: 'theme=dark; refp_id=clk_1; lang=en', id: 'clk_1' },
  'an equals sign in the value': { header: 'refp_id=a=b==', id: 'a=b==' },
  percents: { header: 'refp_id=a%20b%26%3D%3B', id: 'a b&=;' },
  'characters beyond ASCII': { header: 'refp_id=%E2%82%AC%F0%9F%98%80', id: '€😀' },
  'percents that were encoded': { header: 'refp_id=a%2541%2520', id: 'a%41%20' },
  'percents that decode to nothing': { header: 'refp_id=50%-%zz', id: '50%-%zz', isMalformed: true },
  'percents that are no UTF-8': { header: 'refp_id=%E2%82%20', id: '%E2%82%20', isMalformed: true },
  quotes: { header: 'refp_id="clk_1"', id: 'clk_1' },
  'quotes and percents': { header: 'refp_id="a%20b"; theme=dark', id: 'a b' },
  'quotes and percents that were encoded': { header: 'refp_id="a%2541"', id: 'a%41' },
};

module.exports = { cookies };
