import type { ApiKey, AuditAction, AuditEntry } from '../api/types.ts';

export const AUDIT_ACTIONS: Readonly<Record<AuditAction, string>> = {
  'connection.create': 'Connection created',
  'connection.update': 'Connection updated',
  'connection.delete': 'Connection deleted',
  'connection.disable': 'Connection disabled',
  'connection.enable': 'Connection enabled',
  'connection.purge': 'Connection purged',
  'connection.test': 'Connection tested',
  'connection.claim': 'Connection claimed',
  'connection.release': 'Connection released',
  'connection.move_usages': 'Campaigns and journeys moved',
  'webhook.register': 'Webhook set up',
  'webhook.unregister': 'Webhook removed',
  'webhook.sample': 'Sample event sent',
  'delivery.reprocess': 'Re-processing started',
  'delivery.reprocess_cancel': 'Re-processing canceled',
  'delivery.reprocess_resume': 'Re-processing resumed',
  'api_key.create': 'API key created',
  'api_key.revoke': 'API key revoked',
  'recipient.erase': 'Recipient erased',
  'webhook_endpoint.create': 'Webhook endpoint created',
  'webhook_endpoint.update': 'Webhook endpoint updated',
  'webhook_endpoint.delete': 'Webhook endpoint deleted',
  'webhook_endpoint.disable': 'Webhook endpoint disabled',
  'webhook_endpoint.rotate_secret': 'Webhook secret rotated',
  'webhook_endpoint.test': 'Webhook endpoint tested',
  'webhook_endpoint.replay': 'Webhook messages replayed',
  'suppression.add': 'Address suppressed',
  'suppression.remove': 'Suppression removed',
  'suppression.import': 'Suppressions imported',
};

export function isAuditAction(value: unknown): value is AuditAction {
  return typeof value === 'string' && Object.hasOwn(AUDIT_ACTIONS, value);
}

const KEY_PREFIX = 'api-key:';
const USER_PREFIX = 'user:';
/** What the service does by itself. */
const TASKS: ReadonlySet<string> = new Set(['purge', 'outgoing-webhooks']);

/** The name of an API key, the user, or the task of the service. */
export function actorInWords(actor: string, keys: readonly ApiKey[]): string {
  if (actor.startsWith(USER_PREFIX)) return `User ${actor.slice(USER_PREFIX.length)}`;
  if (actor.startsWith(KEY_PREFIX)) return keyInWords(actor.slice(KEY_PREFIX.length), keys);
  return TASKS.has(actor) ? 'The service' : actor;
}

/** What an entry is about. */
export function subjectInWords({ action, subject, connectionName }: AuditEntry, keys: readonly ApiKey[]): string {
  if (connectionName !== null) return connectionName;
  if (action.startsWith('api_key.')) return keyInWords(subject, keys);
  if (action === 'recipient.erase') return `Erasure ${endOf(subject)}`;
  if (action.startsWith('webhook_endpoint.')) return `Webhook endpoint ${endOf(subject)}`;
  if (action === 'suppression.import') return `Import ${endOf(subject)}`;
  if (action.startsWith('suppression.')) return `Suppression ${subject}`;
  return subject === 'unsaved' ? 'Unsaved connection' : `Purged connection ${endOf(subject)}`;
}

function keyInWords(id: string, keys: readonly ApiKey[]): string {
  const key = keys.find((one) => one.id === id);
  return key === undefined ? `Revoked API key ${endOf(id)}` : key.name;
}

function endOf(id: string): string {
  return `…${id.slice(-4)}`;
}
