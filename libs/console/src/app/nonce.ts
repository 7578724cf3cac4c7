/** The nonce of this page. Browsers expose it to scripts as a property only. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

declare global {
  var __webpack_nonce__: string | undefined;
}

// get-nonce reads it for the style tag that locks scrolling behind a dialog.
globalThis.__webpack_nonce__ = nonce;
