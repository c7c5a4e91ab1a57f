import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';

export default {
  input: 'server.js',
  output: { file: 'dist/rollup/server.mjs', format: 'es' },
  plugins: [resolve({ preferBuiltins: true }), commonjs()],
  external: [/^node:/, /^refport(\/|$)/],
};
