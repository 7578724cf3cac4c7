import { randomBytes } from 'node:crypto';
import { ConnectionsError } from '../errors/connections.error.ts';
import {
  type EncryptedSecrets,
  type SecretCipher,
  type Secrets,
  SecretsUnreadableError,
} from '../secrets/secret-cipher.ts';
import type { WebhookEndpointRow } from './webhook-endpoints.repository.ts';

/** The secrets of an endpoint. */
export interface EndpointSecrets {
  /** `whsec_` and base64. */
  readonly current: string;
  /** Those that it replaced and that still sign, the newest first. */
  readonly previous: readonly PreviousSecret[];
}

interface PreviousSecret {
  readonly secret: string;
  /** ISO 8601. */
  readonly until: string;
}

/** How long a replaced secret still signs. */
export const SECRET_OVERLAP_MS = 24 * 60 * 60 * 1_000;
/** Standard Webhooks: 24 to 64 bytes. */
const SECRET_BYTES = 32;
/** Each is a signature of every message. */
const MAX_PREVIOUS = 3;

/** No configured key decrypts the secret of an endpoint. It is unchanged. */
export class EndpointSecretUnreadableError extends ConnectionsError {
  readonly code = 'secrets_unreadable';

  constructor(readonly endpointId: string) {
    super(
      `The secret of webhook endpoint ${endpointId} cannot be decrypted with the configured encryption keys. Add the key that encrypted it, or rotate the secret.`,
    );
  }
}

export function newSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

type Owner = Pick<WebhookEndpointRow, 'id' | 'organization' | 'vendor'>;

export async function encryptSecrets(
  cipher: SecretCipher,
  owner: Owner,
  { current, previous }: EndpointSecrets,
): Promise<EncryptedSecrets> {
  return cipher.encrypt({ current, previous: JSON.stringify(previous) }, owner);
}

/** @throws EndpointSecretUnreadableError */
export async function decryptSecrets(
  cipher: SecretCipher,
  row: Owner & Pick<WebhookEndpointRow, 'secrets'>,
): Promise<EndpointSecrets> {
  try {
    const { current = '', previous = '[]' }: Secrets = await cipher.decrypt(row.secrets, row);
    return { current, previous: JSON.parse(previous) as PreviousSecret[] };
  } catch (error) {
    if (error instanceof SecretsUnreadableError) throw new EndpointSecretUnreadableError(row.id);
    throw error;
  }
}

/** The secrets after a rotation: the current one continues to sign for a day. */
export function rotated({ current, previous }: EndpointSecrets, secret: string, now: Date): EndpointSecrets {
  const until = new Date(now.getTime() + SECRET_OVERLAP_MS).toISOString();
  const valid = previous.filter((one) => isValid(one, now));
  return { current: secret, previous: [{ secret: current, until }, ...valid].slice(0, MAX_PREVIOUS) };
}

/** The secrets that sign, the current one first. */
export function signingSecrets({ current, previous }: EndpointSecrets, now: Date): string[] {
  return [current, ...previous.filter((one) => isValid(one, now)).map(({ secret }) => secret)];
}

/** All secrets, to be removed from texts, also those that no longer sign. */
export function allSecrets({ current, previous }: EndpointSecrets): string[] {
  const secrets = [current, ...previous.map(({ secret }) => secret)];
  return secrets.flatMap((secret) => [secret, secret.replace(/^whsec_/, '')]);
}

function isValid({ until }: PreviousSecret, now: Date): boolean {
  return Date.parse(until) > now.getTime();
}
