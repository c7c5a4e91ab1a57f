import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import * as der from './der.ts';

/** All three in PEM. */
export interface Certificate {
  /** The authority's certificate. */
  ca: string;
  /** The server's certificate. */
  cert: string;
  /** The server's private key. */
  key: string;
}

interface Party {
  name: Buffer;
  publicKey: KeyObject;
  privateKey: KeyObject;
}

const DAY = 24 * 60 * 60 * 1000;
const ECDSA_WITH_SHA256 = der.sequence(der.identifier('1.2.840.10045.4.3.2'));
const LOOPBACK = [Buffer.from([127, 0, 0, 1]), Buffer.from([...Array(15).fill(0), 1])];

/**
 * Creates a certificate for a server on this machine and its authority. The authority's private key is discarded, so
 * it can sign nothing else. X.509 version 3 as in RFC 5280.
 *
 * @param names - host names besides localhost and its addresses
 */
export function createCertificate(names: readonly string[]): Certificate {
  const hosts = [
    ...['localhost', ...names].map((name) => der.implicit(2, Buffer.from(name))),
    ...LOOPBACK.map((address) => der.implicit(7, address)),
  ];
  const authority = createParty('Refport sandbox authority');
  const server = createParty('Refport sandbox');
  const ca = issue(authority, authority, [
    extension('2.5.29.19', true, der.sequence(der.yes)),
    extension('2.5.29.15', true, der.bits(Buffer.from([0b0000_0110]), 1)),
    extension('2.5.29.14', false, der.octets(keyId(authority))),
  ]);
  const cert = issue(authority, server, [
    extension('2.5.29.19', true, der.sequence()),
    extension('2.5.29.15', true, der.bits(Buffer.from([0b1000_0000]), 7)),
    extension('2.5.29.37', false, der.sequence(der.identifier('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.35', false, der.sequence(der.implicit(0, keyId(authority)))),
    extension('2.5.29.17', false, der.sequence(...hosts)),
  ]);
  const key = server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { ca: toPem(ca), cert: toPem(cert), key };
}

function createParty(commonName: string): Party {
  const attribute = der.sequence(der.identifier('2.5.4.3'), der.utf8(commonName));
  return { name: der.sequence(der.set(attribute)), ...generateKeyPairSync('ec', { namedCurve: 'prime256v1' }) };
}

function issue(issuer: Party, subject: Party, extensions: Buffer[]): Buffer {
  const now = Date.now();
  // 0x01 in front keeps the number positive and its length fixed.
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)]);
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(serial),
    ECDSA_WITH_SHA256,
    issuer.name,
    // Some systems reject a server certificate that is valid for more than 398 days.
    der.sequence(der.time(new Date(now - DAY)), der.time(new Date(now + 365 * DAY))),
    subject.name,
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...extensions)),
  );
  return der.sequence(toBeSigned, ECDSA_WITH_SHA256, der.bits(sign('sha256', toBeSigned, issuer.privateKey)));
}

const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  der.sequence(der.identifier(id), ...(critical ? [der.yes] : []), der.octets(value));

function keyId({ publicKey }: Party): Buffer {
  const bytes = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(bytes).digest().subarray(0, 20);
}

function toPem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
