export { AdapterRegistry, type RegisteredAdapter } from './adapters/adapter.registry.ts';
export { UnknownVendorError } from './adapters/unknown-vendor.error.ts';
export type { Caller } from './caller.ts';
export type { Connection, ConnectionWebhook, SecretState } from './connections/connection.ts';
export { CreateConnectionInput, UpdateConnectionInput } from './connections/connection-input.ts';
export { type CheckedInput, checkInput, hasErrorAt } from './connections/check-input.ts';
export { type ConnectionQuery, ConnectionsService } from './connections/connections.service.ts';
export {
  decodeCursor,
  encodeCursor,
  INVALID_CURSOR,
  type Page,
  PAGE_LIMITS,
  STATS_DAYS,
} from './connections/paging.ts';
export type { LastTest } from './persistence/schema/connection-row.ts';
export { ConnectionNotFoundError, InvalidInputError, VersionMismatchError } from './connections/errors.ts';
export { ConnectionsError } from './errors/connections.error.ts';
export { ConnectionsExceptionFilter } from './errors/connections-exception.filter.ts';
export { CONNECTIONS_ERROR_CODES, type ConnectionsErrorCode, type ErrorCode } from './errors/error-codes.ts';
export { InvalidQueryError } from './errors/invalid-query.error.ts';
export {
  PROBLEM_MEDIA_TYPE,
  type ProblemDetails,
  type ProblemResponse,
  statusTitle,
  toProblem,
  VENDOR_STATUSES,
  vendorStatus,
} from './errors/problem.ts';
export { ConnectionsModule } from './connections.module.ts';
export type { ConnectionsModuleOptions } from './connections.module-options.ts';
export { type ConnectionTest, ConnectionTester, type UnsavedConnectionTest } from './diagnosis/connection-tester.ts';
export { TestConnectionInput, TestUnsavedConnectionInput } from './diagnosis/test-input.ts';
export type { ConnectionEvent, ConnectionEventDetails } from './events/event.ts';
export { decodeEventCursor } from './events/event-id.ts';
export { EventNotFoundError } from './events/event-not-found.error.ts';
export { CONNECTION_ID_METADATA } from './events/event-attribution.ts';
export { type EventCounts, type EventQuery, EventsService } from './events/events.service.ts';
export type { Stored } from './events/event-writer.ts';
export { type AuditAction, AuditRepository } from './persistence/audit.repository.ts';
export type { UsageCounts } from './persistence/connection-usages.repository.ts';
export { closeDataSource } from './persistence/close-data-source.ts';
export { DatabaseOverloadedError } from './persistence/database-overloaded.error.ts';
export { DatabaseUnavailableError } from './persistence/database-unavailable.error.ts';
export { columnKinds, type Dialect, dialectOf } from './persistence/dialect.ts';
export { connectionsEntities, connectionsMigrations } from './persistence/entities.ts';
export type { Lane } from './persistence/lanes.ts';
export { QueryTimeoutError } from './persistence/query-timeout.error.ts';
export { StatementTooLargeError } from './persistence/statement-too-large.error.ts';
export {
  addColumnIfMissing,
  createIndexIfMissing,
  createTableIfMissing,
  dropColumnIfPresent,
  dropIndexIfPresent,
  dropTableIfPresent,
  renameColumnIfPresent,
  replaceIndex,
} from './persistence/migrations/repeatable-steps.ts';
export {
  USAGE_CONSUMERS,
  USAGE_STATUSES,
  type UsageConsumer,
  type UsageStatus,
} from './persistence/schema/connection-usage-row.ts';
export type { EventAttribution } from './persistence/schema/event-row.ts';
export type { UnreadableConnections } from './persistence/encrypted-connections.repository.ts';
export {
  type DatabaseState,
  DEFAULT_DATABASE_TIMEOUT_MS,
  type Transaction,
  UnitOfWork,
  type WorkOptions,
} from './persistence/unit-of-work.ts';
export type { PurgeReport } from './purging/purge-report.ts';
export { type PurgeOptions, PurgeService } from './purging/purge.service.ts';
export { isError, safeMessage } from './safe-message.ts';
export { RunningWork } from './running-work.ts';
export { type KeyHealth, KeyHealthService, type SecretsReport } from './secrets/key-health.service.ts';
export { KeyRing } from './secrets/key-ring.ts';
export { type KeyRotationReport, KeyRotationService } from './secrets/key-rotation.service.ts';
export { SecretsUnreadableError } from './secrets/secrets-unreadable.error.ts';
export { EmailSender } from './sending/email-sender.ts';
export { AttachmentInput, MailboxInput, MESSAGE_LIMITS, MessageInput } from './sending/message-input.ts';
export { MESSAGE_ID_METADATA } from './sending/our-ids.ts';
export { SendFailedError } from './sending/send-failed.error.ts';
export { ConnectionInUseError, TooManyUsagesError } from './usages/errors.ts';
export type { Usage } from './usages/usage.ts';
export { ClaimUsageInput } from './usages/usage-input.ts';
export { type Claim, MAX_USAGES, UsagesService } from './usages/usages.service.ts';
export {
  RegistrationFailedError,
  type RegistrationObstacle,
  RegistrationObstacleError,
} from './webhooks/registration.errors.ts';
export {
  WebhookNotFoundError,
  WebhookRejectedError,
  type UnauthenticatedReason,
  WebhookUnauthenticatedError,
  WebhookTooLargeError,
} from './webhooks/webhook.errors.ts';
export { type WebhookPreflight, type Webhook, WebhookIngest } from './webhooks/webhook-ingest.ts';
export { WebhookRegistrationService } from './webhooks/webhook-registration.service.ts';
export { WEBHOOK_STATES, type WebhookState } from './webhooks/webhook-state.ts';
export { type WebhookDetails, WebhooksService } from './webhooks/webhooks.service.ts';
