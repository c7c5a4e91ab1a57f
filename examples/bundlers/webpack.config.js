export default {
  mode: 'production',
  target: 'node',
  entry: './server.js',
  output: { path: `${import.meta.dirname}/dist/webpack`, filename: 'server.cjs' },
  externals: [/^refport(\/|$)/],
  externalsType: 'commonjs',
};
