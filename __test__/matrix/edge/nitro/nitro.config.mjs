export default { preset: 'cloudflare_module', compatibilityDate: '2025-06-01', logLevel: 1 };
