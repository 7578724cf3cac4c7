import type { EntitySchema } from 'typeorm';
import type { Dialect } from './dialect.ts';
import { CreateConnections1764000000000 } from './migrations/1764000000000-create-connections.ts';
import { CreateEvents1764000000002 } from './migrations/1764000000002-create-events.ts';
import { WebhookParameters1764000000003 } from './migrations/1764000000003-webhook-parameters.ts';
import { IndexEventsByMessage1764000000004 } from './migrations/1764000000004-index-events-by-message.ts';
import { CreateConnectionUsages1764000000005 } from './migrations/1764000000005-create-connection-usages.ts';
import { CreateConnectionWebhooks1764000000006 } from './migrations/1764000000006-create-connection-webhooks.ts';
import { ConnectionPurge1764000000008 } from './migrations/1764000000008-connection-purge.ts';
import { WebhookAttempts1764000000009 } from './migrations/1764000000009-webhook-attempts.ts';
import { IndexEventsByKind1764000000010 } from './migrations/1764000000010-index-events-by-kind.ts';
import { WebhookRequestBodies1764000000011 } from './migrations/1764000000011-webhook-request-bodies.ts';
import { RejectedDeliveries1764000000012 } from './migrations/1764000000012-rejected-deliveries.ts';
import { AllowedSenderDomains1764000000013 } from './migrations/1764000000013-allowed-sender-domains.ts';
import { RenameColumns1764000000014 } from './migrations/1764000000014-rename-columns.ts';
import { RepliesAndUnsavedTests1764000000017 } from './migrations/1764000000017-replies-and-unsaved-tests.ts';
import { auditSchema } from './schema/audit-row.ts';
import { connectionSchema } from './schema/connection-row.ts';
import { connectionTestSchema } from './schema/connection-test-row.ts';
import { connectionUsageSchema } from './schema/connection-usage-row.ts';
import { connectionWebhookSchema } from './schema/connection-webhook-row.ts';
import { eventSchema } from './schema/event-row.ts';
import { unsavedTestSchema } from './schema/unsaved-test-row.ts';
import { webhookRequestBodySchema } from './schema/webhook-request-body-row.ts';
import { webhookRequestSchema } from './schema/webhook-request-row.ts';

/** The entities of this module, for the `entities` of the application's data source. */
export function connectionsEntities(dialect: Dialect): EntitySchema[] {
  return [
    connectionSchema(dialect),
    connectionTestSchema(dialect),
    connectionUsageSchema(dialect),
    connectionWebhookSchema(dialect),
    auditSchema(dialect),
    webhookRequestSchema(dialect),
    webhookRequestBodySchema(dialect),
    eventSchema(dialect),
    unsavedTestSchema(dialect),
  ] as EntitySchema[];
}

/** The migrations of this module, for the `migrations` of the application's data source. */
export const connectionsMigrations = [
  CreateConnections1764000000000,
  CreateEvents1764000000002,
  WebhookParameters1764000000003,
  IndexEventsByMessage1764000000004,
  CreateConnectionUsages1764000000005,
  CreateConnectionWebhooks1764000000006,
  ConnectionPurge1764000000008,
  WebhookAttempts1764000000009,
  IndexEventsByKind1764000000010,
  WebhookRequestBodies1764000000011,
  RejectedDeliveries1764000000012,
  AllowedSenderDomains1764000000013,
  RenameColumns1764000000014,
  RepliesAndUnsavedTests1764000000017,
];
