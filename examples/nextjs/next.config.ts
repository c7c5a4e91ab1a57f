import type { NextConfig } from 'next';

const config: NextConfig = {
  // The package brings a native addon, which is loaded from node_modules and not bundled.
  serverExternalPackages: ['refport'],
};

export default config;
