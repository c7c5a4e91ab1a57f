export default {
  input: 'server.js',
  platform: 'node',
  output: { file: 'dist/rolldown/server.mjs', format: 'es' },
  external: [/^node:/, /^refport(\/|$)/],
};
