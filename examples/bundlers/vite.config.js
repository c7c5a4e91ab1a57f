export default {
  build: { ssr: 'server.js', outDir: 'dist/vite' },
  ssr: { noExternal: true, external: ['refport'] },
};
