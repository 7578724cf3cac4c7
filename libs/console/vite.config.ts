import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressed } from './build/compressed.ts';

/** What the service puts a nonce in the place of, anew for every page (src/console/page.ts). */
const NONCE_PLACE = '__CSP_NONCE__';

export default defineConfig({
  plugins: [react(), compressed()],
  html: { cspNonce: NONCE_PLACE },
  build: {
    outDir: 'dist',
    // A data: URL would need a looser policy.
    assetsInlineLimit: 0,
    // Browsers that have oklch and nesting.
    target: 'es2023',
    // Of the code as it is; over the network it is a quarter of it.
    chunkSizeWarningLimit: 700,
  },
});
