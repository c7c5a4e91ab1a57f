'use strict';

// The fault server's certificates, made afresh in every test process so that no private key is ever committed.
// `@peculiar/x509` writes them: it is the one well-kept library that issues from a CA of one's own, with any
// dates and names, over the platform's WebCrypto. It asks for the reflect polyfill to be loaded first.
require('reflect-metadata');
const { webcrypto } = require('node:crypto');
const x509 = require('@peculiar/x509');

x509.cryptoProvider.set(/** @type {any} */ (webcrypto));

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 24 * 60 * 60 * 1000;

let issued = 0;

// A leading byte below 0x80 and never zero keeps the DER integer positive and minimal.
const nextSerial = () => `01${(Date.now() * 1000 + issued++).toString(16).padStart(16, '0')}`;

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** @param {CryptoKey} key */
const pemOfKey = async (key) => x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');

/**
 * A certificate authority of its own: nothing trusts it unless told to.
 *
 * @param {string} name common name, so that a failing test says which authority is meant
 */
async function createAuthority(name = 'Fault server CA') {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: nextSerial(),
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });

  /**
   * A server certificate of this authority.
   *
   * @param {{ dns?: string[], ip?: string[], notBefore?: Date, notAfter?: Date }} [options]
   *   names default to every way the tests call loopback
   * @returns {Promise<{ key: string, cert: string }>} PEM, as `tls.createServer` takes them
   */
  async function issue({
    dns = ['localhost'],
    ip = ['127.0.0.1', '::1'],
    notBefore = new Date(Date.now() - DAY),
    notAfter = new Date(Date.now() + DAY),
  } = {}) {
    const leaf = await newKeys();
    const names = [
      ...dns.map((value) => ({ type: /** @type {const} */ ('dns'), value })),
      ...ip.map((value) => ({ type: /** @type {const} */ ('ip'), value })),
    ];
    const signed = await x509.X509CertificateGenerator.create({
      serialNumber: nextSerial(),
      subject: `CN=${dns[0] ?? ip[0]}`,
      issuer: certificate.subject,
      notBefore,
      notAfter,
      signingAlgorithm: ALGORITHM,
      publicKey: leaf.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return { key: await pemOfKey(leaf.privateKey), cert: signed.toString('pem') };
  }

  /** @type {ReturnType<typeof issue> | undefined} */
  let usual;

  return {
    ca: certificate.toString('pem'),
    issue,
    /** The certificate for loopback that nothing is wrong with, issued once. */
    usual: () => (usual ??= issue()),
  };
}

/** @type {ReturnType<typeof createAuthority> | undefined} */
let shared;

/** The authority the tests trust, one per process. */
const trustedAuthority = () => (shared ??= createAuthority());

/** A certificate that was right until an hour ago. */
const expired = { notBefore: new Date(Date.now() - 2 * DAY), notAfter: new Date(Date.now() - DAY / 24) };

module.exports = { createAuthority, trustedAuthority, expired };
