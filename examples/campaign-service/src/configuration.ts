/** From the environment. A real application validates it at the start. */
export function configuration() {
  const { PORT = '4000', DATABASE = 'campaigns.sqlite', ENCRYPTION_KEYS = '', VENDOR_ENDPOINTS = '{}' } = process.env;
  const { SEND_TIMEOUT_MS = '45000' } = process.env;
  const { PUBLIC_URL = `http://127.0.0.1:${PORT}` } = process.env;
  const vendorEndpoints = JSON.parse(VENDOR_ENDPOINTS) as Readonly<Record<string, string>>;
  return {
    host: '127.0.0.1',
    port: Number(PORT),
    database: DATABASE,
    /** `k1:$(openssl rand -base64 32)` */
    encryptionKeys: ENCRYPTION_KEYS,
    /** Where vendors reach this application. */
    publicUrl: PUBLIC_URL,
    /** The vendors' sandboxes instead of the vendors, by vendor. */
    vendorEndpoints,
    /** How long a vendor may take. After a crash, emails that were being sent are repeated half a minute later than this. */
    sendTimeoutMs: Number(SEND_TIMEOUT_MS),
  };
}

/** This application has one tenant. With several, both come from the token of the request. */
export const CALLER = { organization: 'acme', actor: 'campaign-service' } as const;
