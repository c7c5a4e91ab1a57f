import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

// refport has an addon, and stays out of the bundle.
export default defineConfig({ plugins: [sveltekit()], ssr: { external: ['refport'] } });
