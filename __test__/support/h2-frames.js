'use strict';

// As much of RFC 9113's framing as the fault server speaks.

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

const FRAME = {
  DATA: 0x0,
  HEADERS: 0x1,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
};

const FLAG = { ACK: 0x1, END_STREAM: 0x1, END_HEADERS: 0x4 };

const ERROR = {
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  ENHANCE_YOUR_CALM: 0xb,
  HTTP_1_1_REQUIRED: 0xd,
};

const HEADER_LENGTH = 9;

/**
 * @param {number} type
 * @param {number} flags
 * @param {number} stream
 * @param {Buffer} [payload]
 */
function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const header = Buffer.alloc(HEADER_LENGTH);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

/**
 * Takes the whole frames off the front of `buffer`.
 *
 * @param {Buffer} buffer
 */
function readFrames(buffer) {
  const frames = [];
  let rest = buffer;
  while (rest.length >= HEADER_LENGTH) {
    const end = HEADER_LENGTH + rest.readUIntBE(0, 3);
    if (rest.length < end) break;
    frames.push({
      type: rest[3],
      flags: rest[4],
      stream: rest.readUInt32BE(5) & 0x7fffffff,
      payload: rest.subarray(HEADER_LENGTH, end),
    });
    rest = rest.subarray(end);
  }
  return { frames, rest };
}

/**
 * HPACK for `:status` alone: a literal that uses the static table's name and is not indexed.
 *
 * @param {number} status
 */
const statusHeaders = (status) => Buffer.concat([Buffer.from([0x08, 0x03]), Buffer.from(String(status))]);

module.exports = { PREFACE, FRAME, FLAG, ERROR, frame, readFrames, statusHeaders };
