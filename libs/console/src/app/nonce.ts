/** The nonce of this page, which the browser shows to scripts as a property alone. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

declare global {
  var __webpack_nonce__: string | undefined;
}

// What get-nonce reads, by which the lock of scrolling behind a dialog makes its style tag.
globalThis.__webpack_nonce__ = nonce;
