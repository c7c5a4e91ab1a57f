'use strict';

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');

const { getClickIdFromRequest } = require('refport');
const { cookies } = require('../support/click-id-cookies.js');
const { awsEvents, cookieStores, fetchRequests, nextStores, plainObjects } = require('../support/click-id-requests.js');

for (const [shape, request] of Object.entries({ ...fetchRequests, ...cookieStores, ...awsEvents, ...plainObjects })) {
  describe(`a request in the shape of ${shape}`, () => {
    for (const [name, { header, id }] of Object.entries(cookies)) {
      it(`gives the click ID: ${name}`, () => assert.equal(getClickIdFromRequest(request(header)), id));
    }
  });
}

for (const [shape, request] of Object.entries(nextStores)) {
  describe(`a store in the shape of ${shape}`, () => {
    for (const [name, { header, id, isMalformed }] of Object.entries(cookies)) {
      // Next.js leaves out what it cannot decode, and its store says nothing of the header.
      const kept = isMalformed ? null : id;
      it(`gives the click ID: ${name}`, () => assert.equal(getClickIdFromRequest(request(header)), kept));
    }
  });
}
