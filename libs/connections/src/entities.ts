import type { EntitySchema } from 'typeorm';
import { auditSchema } from './audit/audit.repository.ts';
import { connectionSchema } from './connections/connection-row.ts';
import { counterSchema } from './database/counters.ts';
import type { Dialect } from './database/dialect.ts';
import { CreateConnections1764000000000 } from './database/migrations/1764000000000-create-connections.ts';
import { CreateEvents1764000000002 } from './database/migrations/1764000000002-create-events.ts';
import { WebhookParameters1764000000003 } from './database/migrations/1764000000003-webhook-parameters.ts';
import { IndexEventsByMessage1764000000004 } from './database/migrations/1764000000004-index-events-by-message.ts';
import { CreateConnectionUsages1764000000005 } from './database/migrations/1764000000005-create-connection-usages.ts';
import { CreateConnectionWebhooks1764000000006 } from './database/migrations/1764000000006-create-connection-webhooks.ts';
import { ConnectionPurge1764000000008 } from './database/migrations/1764000000008-connection-purge.ts';
import { WebhookAttempts1764000000009 } from './database/migrations/1764000000009-webhook-attempts.ts';
import { IndexEventsByKind1764000000010 } from './database/migrations/1764000000010-index-events-by-kind.ts';
import { WebhookRequestBodies1764000000011 } from './database/migrations/1764000000011-webhook-request-bodies.ts';
import { RejectedDeliveries1764000000012 } from './database/migrations/1764000000012-rejected-deliveries.ts';
import { AllowedSenderDomains1764000000013 } from './database/migrations/1764000000013-allowed-sender-domains.ts';
import { RenameColumns1764000000014 } from './database/migrations/1764000000014-rename-columns.ts';
import { RepliesAndUnsavedTests1764000000017 } from './database/migrations/1764000000017-replies-and-unsaved-tests.ts';
import { CreateEventBatches1764000000018 } from './database/migrations/1764000000018-create-event-batches.ts';
import { UnauthenticatedSamples1764000000021 } from './database/migrations/1764000000021-unauthenticated-samples.ts';
import { CreateReprocessingJobs1764000000022 } from './database/migrations/1764000000022-create-reprocessing-jobs.ts';
import { reprocessingJobSchema } from './deliveries/reprocessing-jobs.repository.ts';
import { CreateErasures1764000000023 } from './database/migrations/1764000000023-create-erasures.ts';
import { ErasureJobs1764000000025 } from './database/migrations/1764000000025-erasure-jobs.ts';
import { CreateEventSizes1764000000026 } from './database/migrations/1764000000026-create-event-sizes.ts';
import { CreateFeed1764000000027 } from './database/migrations/1764000000027-create-feed.ts';
import { CreateEventConsumers1764000000028 } from './database/migrations/1764000000028-create-event-consumers.ts';
import { CreateSuppressions1764000000030 } from './database/migrations/1764000000030-create-suppressions.ts';
import { IndexAuditEntries1764000000031 } from './database/migrations/1764000000031-index-audit-entries.ts';
import { CreateWebhookEndpoints1764000000032 } from './database/migrations/1764000000032-create-webhook-endpoints.ts';
import { CreateEventStats1764000000033 } from './database/migrations/1764000000033-create-event-stats.ts';
import { CreateWebhookHealth1764000000034 } from './database/migrations/1764000000034-create-webhook-health.ts';
import { CreateIdempotencyKeys1764000000035 } from './database/migrations/1764000000035-create-idempotency-keys.ts';
import { SendingLimits1764000000037 } from './database/migrations/1764000000037-sending-limits.ts';
import { DisableConnections1764000000039 } from './database/migrations/1764000000039-disable-connections.ts';
import { SendingModes1764000000040 } from './database/migrations/1764000000040-sending-modes.ts';
import { Senders1764000000041 } from './database/migrations/1764000000041-senders.ts';
import { WebhookHealthEvents1764000000046 } from './database/migrations/1764000000046-webhook-health-events.ts';
import { erasureSchema } from './events/erasures.repository.ts';
import { connectionTestSchema } from './diagnosis/connection-tests.repository.ts';
import { unsavedTestSchema } from './diagnosis/unsaved-tests.repository.ts';
import { eventBatchSchema, eventBodySchema } from './events/event-batches.repository.ts';
import { eventCutoffSchema } from './events/event-cutoffs.repository.ts';
import { eventSizeSchema } from './events/event-sizes.repository.ts';
import { eventSchema } from './events/events.repository.ts';
import { idempotencyKeySchema } from './idempotency/idempotency-keys.repository.ts';
import { legacyEventSchema, legacyRequestBodySchema, legacyRequestSchema } from './events/legacy-events.repository.ts';
import { deadLetterSchema } from './feed/dead-letters.repository.ts';
import { eventConsumerSchema } from './feed/event-consumers.repository.ts';
import { feedEntrySchema, feedStateSchema, pendingEntrySchema } from './sequence/feed.repository.ts';
import { webhookAttemptSchema } from './outgoing/webhook-attempts.repository.ts';
import { webhookEndpointSchema } from './outgoing/webhook-endpoints.repository.ts';
import { webhookMessageSchema } from './outgoing/webhook-messages.repository.ts';
import { eventStatSchema } from './stats/event-stats.repository.ts';
import { statsRebuildSchema } from './stats/stats-rebuilds.repository.ts';
import { suppressionSchema, suppressionStateSchema } from './suppression/suppressions.repository.ts';
import { connectionUsageSchema } from './usages/connection-usages.repository.ts';
import { connectionWebhookSchema } from './webhooks/connection-webhooks.repository.ts';
import { webhookCountSchema } from './webhooks/webhook-counts.repository.ts';
import { webhookHealthChangeSchema } from './events/webhook-health-changes.repository.ts';
import { webhookHealthSchema } from './webhooks/webhook-health.repository.ts';

/** The entities of this module, for the `entities` of the application's data source. */
export function connectionsEntities(dialect: Dialect): EntitySchema[] {
  return [
    connectionSchema(dialect),
    connectionTestSchema(dialect),
    connectionUsageSchema(dialect),
    connectionWebhookSchema(dialect),
    auditSchema(dialect),
    counterSchema(dialect),
    erasureSchema(dialect),
    eventBatchSchema(dialect),
    eventBodySchema(dialect),
    eventSchema(dialect),
    eventCutoffSchema(dialect),
    eventSizeSchema(dialect),
    deadLetterSchema(dialect),
    eventConsumerSchema(dialect),
    feedEntrySchema(dialect),
    feedStateSchema(dialect),
    pendingEntrySchema(dialect),
    legacyEventSchema(dialect),
    legacyRequestSchema(dialect),
    legacyRequestBodySchema(dialect),
    idempotencyKeySchema(dialect),
    reprocessingJobSchema(dialect),
    suppressionSchema(dialect),
    suppressionStateSchema(dialect),
    unsavedTestSchema(dialect),
    webhookAttemptSchema(dialect),
    webhookEndpointSchema(dialect),
    webhookMessageSchema(dialect),
    eventStatSchema(dialect),
    statsRebuildSchema(dialect),
    webhookCountSchema(dialect),
    webhookHealthSchema(dialect),
    webhookHealthChangeSchema(dialect),
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
  CreateEventBatches1764000000018,
  UnauthenticatedSamples1764000000021,
  CreateReprocessingJobs1764000000022,
  CreateErasures1764000000023,
  ErasureJobs1764000000025,
  CreateEventSizes1764000000026,
  CreateFeed1764000000027,
  CreateEventConsumers1764000000028,
  CreateSuppressions1764000000030,
  IndexAuditEntries1764000000031,
  CreateWebhookEndpoints1764000000032,
  CreateEventStats1764000000033,
  CreateWebhookHealth1764000000034,
  CreateIdempotencyKeys1764000000035,
  SendingLimits1764000000037,
  DisableConnections1764000000039,
  SendingModes1764000000040,
  Senders1764000000041,
  WebhookHealthEvents1764000000046,
];
