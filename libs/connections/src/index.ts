export { AdapterRegistry, type RegisteredAdapter, UnknownVendorError } from './adapters/adapter.registry.ts';
export { AUDIT_ACTIONS, type AuditAction, AuditRepository } from './audit/audit.repository.ts';
export type { Caller } from './audit/caller.ts';
export { ConnectionsModule } from './connections.module.ts';
export { type AuditEntry, AuditLogService, type AuditQuery } from './connections/audit-log.service.ts';
export { CreateConnectionInput, UpdateConnectionInput } from './connections/connection-input.ts';
export { ConnectionDisabledError, ConnectionNotFoundError } from './connections/connection-loader.ts';
export type { LastTest } from './connections/connection-row.ts';
export type { Connection, SecretState } from './connections/connection.presenter.ts';
export {
  type ConnectionQuery,
  ConnectionsService,
  type CreatedConnection,
  type CreateOptions,
  VersionMismatchError,
} from './connections/connections.service.ts';
export { type ConnectionWebhook, type UsageCounts, WEBHOOK_STATES, type WebhookState } from './connections/ports.ts';
export { type DailyAllowance, SendingLimits, WarmUp } from './connections/sending-limits.ts';
export { BatchedLookups, type LookupLimits } from './database/batched-lookups.ts';
export { closeDataSource } from './database/close-data-source.ts';
export type { Lane, LaneState } from './database/database-engine.ts';
export {
  DatabaseOverloadedError,
  DatabaseUnavailableError,
  QueryTimeoutError,
  StatementTooLargeError,
} from './database/database-errors.ts';
export { columnKinds, type Dialect, dialectOf } from './database/dialect.ts';
export {
  addColumnIfMissing,
  createIndexIfMissing,
  createTableIfMissing,
  dropColumnIfPresent,
  dropIndexIfPresent,
  dropTableIfPresent,
  renameColumnIfPresent,
  replaceIndex,
} from './database/migrations/repeatable-steps.ts';
export {
  type DatabaseState,
  DEFAULT_DATABASE_TIMEOUT_MS,
  HAS_FAST_CONTEXT,
  RunningWork,
  type Transaction,
  UnitOfWork,
  type WorkOptions,
} from './database/unit-of-work.ts';
export {
  decodeDeliveryCursor,
  DELIVERY_STATUSES,
  DeliveriesService,
  type Delivery,
  type DeliveryDetails,
  DeliveryNotFoundError,
  type DeliveryQuery,
} from './deliveries/deliveries.service.ts';
export { type ReprocessingState } from './deliveries/reprocessing-jobs.repository.ts';
export {
  ReprocessInput,
  type ReprocessingJob,
  ReprocessingJobNotFoundError,
  ReprocessingService,
} from './deliveries/reprocessing.service.ts';
export { type ConnectionTest, ConnectionTester, type UnsavedConnectionTest } from './diagnosis/connection-tester.ts';
export { TestConnectionInput, TestUnsavedConnectionInput } from './diagnosis/test-input.ts';
export { connectionsEntities, connectionsMigrations } from './entities.ts';
export { ConnectionsExceptionFilter } from './errors/connections-exception.filter.ts';
export {
  ConnectionsError,
  USAGE_CONSUMERS,
  USAGE_STATUSES,
  type UsageConsumer,
  type UsageStatus,
} from './errors/connections.error.ts';
export { CONNECTIONS_ERROR_CODES, type ConnectionsErrorCode, type ErrorCode } from './errors/error-codes.ts';
export {
  PROBLEM_MEDIA_TYPE,
  type ProblemDetails,
  type ProblemResponse,
  statusTitle,
  toProblem,
  VENDOR_STATUSES,
  vendorStatus,
} from './errors/problem.ts';
export { isError, safeMessage } from './errors/safe-message.ts';
export type { ErasureState } from './events/erasures.repository.ts';
export type { DeliveryStatus, RejectedItem } from './events/event-batches.repository.ts';
export { CONNECTION_ID_METADATA } from './events/event-record.ts';
export type { QueueState, Stored } from './events/event-writer.ts';
export type { EventAttribution } from './events/events.repository.ts';
export type { ConnectionEvent, ConnectionEventDetails } from './events/event-details.ts';
export type { EventQuery } from './events/event-search.ts';
export type { RecipientState } from './events/message-state.ts';
export {
  decodeEventCursor,
  EventNotFoundError,
  MessageNotFoundError,
  type MessageTimeline,
  EventsService,
} from './events/events.service.ts';
export type { FeedFilter, FeedPage, FeedQuery, FeedRow } from './feed/event-feed.ts';
export { EventFeed } from './feed/event-feed.ts';
export {
  FEED_KINDS,
  type FeedEvent,
  type FeedEventOf,
  type FeedKind,
  WEBHOOK_HEALTH_CHANGED,
  type WebhookHealthEvent,
  type WebhookHealthPeriod,
} from './feed/feed-kinds.ts';
export {
  type ConsumerState,
  type ConsumerSummary,
  type AnyEventConsumer,
  ConsumerUnavailableError,
  type EventConsumer,
  type EventProjection,
  type FeedOverview,
  type RetryPolicy,
} from './feed/event-consumer.ts';
export type { ConsumerType } from './feed/event-consumers.repository.ts';
export { EventConsumers } from './feed/event-consumers.ts';
export {
  ConsumerNotFoundError,
  ConsumersService,
  type DeadLetter,
  ProjectionNotMovableError,
} from './feed/consumers.service.ts';
export {
  FEED_START,
  type FeedPosition,
  parsePosition,
  PositionExpiredError,
  positionText,
} from './feed/feed-position.ts';
export { FEED_LIMITS, type FeedRequest, FeedService, type FeedSlice } from './feed/feed.service.ts';
export { SeekConsumerInput } from './feed/seek-input.ts';
export { OnEmailEvent } from './feed/on-email-event.ts';
export { OnWebhookHealthChange } from './feed/on-webhook-health-change.ts';
export type { SubscriptionOptions } from './feed/subscriptions.ts';
export { IdempotencyKeyReusedError, RequestInProgressError } from './idempotency/idempotency-keys.ts';
export { InvalidInputError } from './input/invalid-input.error.ts';
export {
  decodeCursor,
  encodeCursor,
  INVALID_CURSOR,
  InvalidQueryError,
  type Page,
  PAGE_LIMITS,
} from './input/paging.ts';
export { type KeyHealth, KeyHealthService, type SecretsReport } from './keys/key-health.service.ts';
export { type KeyRotationReport, KeyRotationService } from './keys/key-rotation.service.ts';
export { type Readiness, ReadinessService } from './keys/readiness.service.ts';
export {
  BACKGROUND_WORK,
  type BackgroundWorkSetting,
  type ConnectionsModuleOptions,
  RETENTION_LIMITS,
  type RetentionDays,
  SENDING_MODES,
  type SendingMode,
  SILENCE_HOURS,
} from './options/connections.module-options.ts';
export type { CountedWindow, SendingCounters } from './options/sending-counters.ts';
export {
  CreateWebhookEndpointInput,
  ENDPOINT_STATES,
  ReplayMessagesInput,
  UpdateWebhookEndpointInput,
} from './outgoing/endpoint-input.ts';
export { EndpointSecretUnreadableError } from './outgoing/endpoint-secrets.ts';
export {
  type NewWebhookEndpoint,
  TooManyWebhookEndpointsError,
  type WebhookAttempt,
  type WebhookEndpoint,
  WebhookEndpointDisabledError,
  WebhookEndpointNotFoundError,
  type WebhookMessage,
  WebhookMessageNotFoundError,
} from './outgoing/webhook-endpoint.ts';
export type { EndpointState, EndpointStateReason } from './outgoing/webhook-endpoints.repository.ts';
export { MAX_WEBHOOK_ENDPOINTS, WebhookEndpointsService } from './outgoing/webhook-endpoints.service.ts';
export {
  MESSAGE_STATES,
  MESSAGE_TYPES,
  type MessageState,
  type MessageType,
} from './outgoing/webhook-messages.repository.ts';
export { type MessageQuery, type Replay, WebhookMessagesService } from './outgoing/webhook-messages.service.ts';
export { type PurgeOptions, type PurgeReport, PurgeService } from './retention/purge.service.ts';
export {
  EraseRecipientInput,
  type Erasure,
  ErasureNotFoundError,
  ErasureService,
} from './retention/erasure.service.ts';
export { type QuotaReport, QuotaService } from './retention/quota.service.ts';
export { type RetentionReport, RetentionService } from './retention/retention.service.ts';
export type { UnreadableRows } from './secrets/encrypted-table.ts';
export { KeyRing } from './secrets/key-ring.ts';
export { SecretsUnreadableError } from './secrets/secret-cipher.ts';
export { BatchMessageInput, readBatch, SendBatchInput } from './sending/batch-input.ts';
export {
  type BatchOutcome,
  EmailSender,
  type SendBatchOptions,
  type SendOptions,
  type SentMessage,
} from './sending/email-sender.ts';
export { MESSAGE_ID_METADATA } from './sending/message-ids.ts';
export { AttachmentInput, MailboxInput, MESSAGE_LIMITS, MessageInput } from './sending/message-input.ts';
export {
  LimitsUnavailableError,
  OutcomeUnknownError,
  RecipientSuppressedError,
  SendFailedError,
  type SendingLimit,
  SendingLimitExceededError,
} from './sending/send-errors.ts';
export { CountsRebuild, type RebuildOptions, type RebuildProgress } from './stats/counts-rebuild.ts';
export { type Rate, type RateBase, type RateName, RATE_NAMES, type RateThreshold } from './stats/rates.ts';
export {
  type EventCounts,
  type EventStats,
  STATS_DAYS,
  STATS_INTERVALS,
  type StatsBucket,
  type StatsInterval,
  type StatsQuery,
  StatsService,
} from './stats/stats.service.ts';
export {
  type ConnectionsMetrics,
  type MeasuredCommit,
  type MeasuredSend,
  type MeasuredVerdict,
  SEND_RESULTS,
  type SendResultKind,
  WEBHOOK_VERDICTS,
} from './telemetry/connections-metrics.ts';
export { AddSuppressionInput, CheckSuppressionsInput } from './suppression/suppression-input.ts';
export { SUPPRESSION_REASONS, type SuppressionReason } from './suppression/suppression-rules.ts';
export {
  type AddedSuppression,
  type CheckedAddress,
  decodeSuppressionCursor,
  type InvalidLine,
  type Suppression,
  type SuppressionImport,
  SuppressionNotFoundError,
  type SuppressionQuery,
  SuppressionsService,
} from './suppression/suppressions.service.ts';
export { SendingModeUnknownError } from './connections/sending-mode.ts';
export { type Sender, SenderInput } from './connections/senders.ts';
export {
  LAUNCH_PROBLEM_CODES,
  LaunchCheck,
  LaunchCheckInput,
  type LaunchProblem,
  type LaunchProblemCode,
  type LaunchReadiness,
} from './connections/launch-check.ts';
export { ClaimUsageInput, MoveUsagesInput } from './usages/usage-input.ts';
export { ConnectionInUseError, TooManyUsagesError, type Usage } from './usages/usage.ts';
export { type Claim, MAX_USAGES, UsagesService } from './usages/usages.service.ts';
export {
  type WebhookHealth,
  type WebhookHealthChange,
  WebhookHealthService,
} from './webhooks/webhook-health.service.ts';
export {
  WEBHOOK_HEALTH_REASONS,
  WEBHOOK_HEALTH_STATES,
  type WebhookHealthReason,
  type WebhookHealthState,
} from './events/webhook-health-changes.repository.ts';
export { type Webhook, WebhookIngest, type WebhookPreflight } from './webhooks/webhook-ingest.ts';
export { WebhookRegistrationService } from './webhooks/webhook-registration.service.ts';
export {
  RegistrationFailedError,
  type RegistrationObstacle,
  RegistrationObstacleError,
  SampleUnsupportedError,
  type UnauthenticatedReason,
  WebhookNotFoundError,
  WebhookRejectedError,
  WebhookTooLargeError,
  WebhookUnauthenticatedError,
} from './webhooks/webhook.errors.ts';
export {
  type SampleGap,
  type SamplePost,
  type SampleResponse,
  type WebhookSampleResult,
  WebhookSampleService,
} from './webhooks/webhook-sample.service.ts';
export { type WebhookDetails, WebhooksService } from './webhooks/webhooks.service.ts';
