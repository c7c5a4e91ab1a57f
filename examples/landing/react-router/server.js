import http from 'node:http';
import { createRequestHandler } from 'react-router';
import { createRequest, send } from './node-http.js';
import * as root from './root.js';

/**
 * The build of an app's routes, as the framework's compiler writes it.
 * @type {any}
 */
const build = {
  entry: { module: { default: () => new Response(null, { status: 404 }) } },
  routes: { root: { id: 'root', path: '', module: root } },
  assets: { entry: { imports: [], module: '' }, routes: {}, url: '', version: '' },
  basename: '/',
  publicPath: '/',
  assetsBuildDirectory: '',
  future: { v8_middleware: true },
  ssr: true,
  isSpaMode: false,
  prerender: [],
  routeDiscovery: { mode: 'initial', manifestPath: '/__manifest' },
};
const handle = createRequestHandler(build, 'production');

const server = http.createServer(async (req, res) => send(await handle(createRequest(req)), res));
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`Listening on http://127.0.0.1:${port}`);
});
process.once('SIGTERM', () => server.close());
