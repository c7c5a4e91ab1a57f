import http from 'node:http';
import { createRequestHandler } from 'react-router';
import { createRequest, send } from './node-http.js';
import * as root from './root.js';

// What the build of an app makes of its routes.
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
server.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', () => server.close());
