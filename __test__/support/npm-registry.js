'use strict';

const { createHash } = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const { manifest } = require('./staged-release.js');

/**
 * A read-only npm registry on loopback with these packages and no others.
 *
 * @param {Iterable<string>} tarballs
 * @returns {Promise<{ url: string, downloads: string[], close(): void }>} `downloads`: names of the tarballs fetched
 */
async function npmRegistry(tarballs) {
  const packages = new Map([...tarballs].map((file) => [manifest(file).name, file]));
  /** @type {string[]} */
  const downloads = [];

  const server = http.createServer((request, response) => {
    const [, name = '', isTarball] = /^\/(.+?)(\/-\/.+\.tgz)?$/.exec(decodeURIComponent(request.url ?? '')) ?? [];
    const file = packages.get(name);
    if (!file) return response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
    if (isTarball) {
      downloads.push(name);
      return response.end(fs.readFileSync(file));
    }
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(packument(file, url)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const url = `http://127.0.0.1:${port}`;
  return { url, downloads, close: () => server.close().closeAllConnections() };
}

/**
 * What a registry says of a package that has one version.
 * @param {string} file
 * @param {string} url
 */
function packument(file, url) {
  const { name, version, ...rest } = manifest(file);
  const content = fs.readFileSync(file);
  const dist = {
    tarball: `${url}/${name}/-/${name.split('/').at(-1)}-${version}.tgz`,
    integrity: `sha512-${createHash('sha512').update(content).digest('base64')}`,
    shasum: createHash('sha1').update(content).digest('hex'),
  };
  return {
    _id: name,
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...rest, name, version, dist } },
    // Package managers hold back what is too new.
    time: { created: '2020-01-01T00:00:00.000Z', [version]: '2020-01-01T00:00:00.000Z' },
  };
}

module.exports = { npmRegistry };
