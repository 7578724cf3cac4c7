import { EVENT_KINDS, type EventKind, type RegistrationStatus, type SetupInstruction } from '@score-crm/adapter-kit';
import {
  type SampleGap,
  type Stored,
  WEBHOOK_HEALTH_REASONS,
  WEBHOOK_HEALTH_STATES,
  WEBHOOK_STATES,
  type WebhookDetails,
  type WebhookHealth,
  type WebhookHealthChange,
  type WebhookHealthReason,
  type WebhookHealthState,
  type WebhookSampleResult,
  type WebhookState,
} from '@score-crm/connections';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';

export const STATE = {
  enum: WEBHOOK_STATES,
  description:
    '`unsupported`: the vendor has no webhooks. `not_set_up`: nothing indicates that the vendor has the webhook, or it was removed through this API and no request arrived later than a day after that. `waiting`: set up, but no authenticated request was received yet. `receiving`: the last authenticated request was accepted. `failing`: the last authenticated request could not be parsed. Requests that fail authentication do not change the state; see `lastUnauthenticatedAt`.',
};
const TIME = { type: String, format: 'date-time', nullable: true } as const;
const REASONS = ['missing', 'invalid', 'malformed', 'not_configured'] as const;

type Registration = WebhookDetails['registration'];

@ApiSchema({ name: 'SetupInstruction' })
export class SetupInstructionResponse implements SetupInstruction {
  @ApiProperty()
  readonly title!: string;

  @ApiProperty()
  readonly text!: string;

  @ApiPropertyOptional({ description: 'A value to copy to the vendor’s settings.' })
  readonly value?: string;
}

@ApiSchema({ name: 'WebhookRegistration' })
export class WebhookRegistrationResponse implements Registration {
  @ApiProperty({ description: 'Whether the service can set up the webhook through the vendor’s API.' })
  readonly supported!: boolean;

  @ApiProperty({ description: 'Whether the service has set up the webhook.' })
  readonly registered!: boolean;

  @ApiProperty(TIME)
  readonly registeredAt!: Date | null;

  @ApiProperty({ description: 'Whether the vendor has a log of its requests, which the service can read.' })
  readonly hasLog!: boolean;
}

@ApiSchema({ name: 'Webhook' })
export class WebhookResponse implements WebhookDetails {
  @ApiProperty({ description: 'Whether the vendor supports webhooks.' })
  readonly supported!: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The URL that the vendor posts events to. Null if the service has no `PUBLIC_URL`.',
  })
  readonly url!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'The URL to enter at the vendor. For some vendors it contains a secret, which is masked unless you have the `manage` scope.',
  })
  readonly address!: string | null;

  @ApiProperty(STATE)
  readonly state!: WebhookState;

  @ApiProperty({ ...TIME, description: 'When the service last accepted a request.' })
  readonly lastReceivedAt!: Date | null;

  @ApiProperty({ ...TIME, description: 'When the service last accepted a request that contained events.' })
  readonly lastEventAt!: Date | null;

  @ApiProperty({
    ...TIME,
    description: 'When the service last rejected an authenticated request that it could not parse.',
  })
  readonly lastRejectedAt!: Date | null;

  @ApiProperty({ ...TIME, description: 'When a request last failed authentication.' })
  readonly lastUnauthenticatedAt!: Date | null;

  @ApiProperty({
    type: String,
    nullable: true,
    enum: [...REASONS, null],
    description: 'Why that request failed authentication.',
  })
  readonly unauthenticatedReason!: (typeof REASONS)[number] | null;

  @ApiProperty({
    type: 'integer',
    description: 'The number of requests that failed authentication, as of a second ago.',
  })
  readonly unauthenticatedCount!: number;

  @ApiProperty({ type: [SetupInstructionResponse], description: 'How to set up the webhook manually at the vendor.' })
  readonly setupInstructions!: readonly SetupInstructionResponse[];

  @ApiProperty({ type: WebhookRegistrationResponse })
  readonly registration!: WebhookRegistrationResponse;
}

@ApiSchema({ name: 'WebhookLogEntry' })
export class WebhookLogEntryResponse {
  @ApiProperty({ format: 'date-time', description: 'When the vendor posted the request, or last repeated it.' })
  readonly at!: string;

  @ApiProperty({ description: 'Whether the vendor counts the request as delivered.' })
  readonly delivered!: boolean;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'The HTTP status that the vendor received. Null if it received none, or does not report it.',
    example: 503,
  })
  readonly status!: number | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'How often the vendor posted the request. Null if the vendor does not report it.',
  })
  readonly attempts!: number | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'How long the response took, in milliseconds. Null if the vendor does not report it.',
  })
  readonly durationMs!: number | null;

  @ApiProperty({ type: String, nullable: true, description: 'The vendor’s ID of the request, if it has one.' })
  readonly requestId!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The result in the vendor’s words, if it has them.' })
  readonly message!: string | null;
}

@ApiSchema({ name: 'WebhookLog' })
export class WebhookLogResponse {
  @ApiProperty({ type: [WebhookLogEntryResponse], description: 'Newest first.' })
  readonly data!: readonly WebhookLogEntryResponse[];
}

@ApiSchema({ name: 'WebhookRegistrationStatus' })
export class WebhookRegistrationStatusResponse {
  @ApiProperty({
    enum: ['registered', 'not_registered', 'drifted'],
    description: '`drifted`: the webhook exists at the vendor, but its configuration differs.',
  })
  readonly state!: RegistrationStatus['state'];

  @ApiProperty({ type: [String], description: 'How the configuration at the vendor differs.' })
  readonly drift!: readonly string[];

  @ApiProperty({
    ...TIME,
    description: 'When the vendor last delivered events. Null if the vendor does not report it.',
  })
  readonly lastDeliveredAt!: string | null;

  @ApiProperty({
    ...TIME,
    description: 'When the vendor last failed to deliver events. Null if the vendor does not report it.',
  })
  readonly lastFailedAt!: string | null;
}

const HEALTH_STATE = {
  enum: WEBHOOK_HEALTH_STATES,
  description:
    '`inactive`: the webhook is not set up. `waiting`: no authenticated request was received yet. `healthy`: events arrive. `unhealthy`: events are probably being lost, see `reason`.',
};
const HEALTH_REASON = {
  type: String,
  nullable: true,
  enum: [...WEBHOOK_HEALTH_REASONS, null],
  description:
    '`unreadable`: the last authenticated request could not be read. `signature_failures`: in this hour and the one before, at least 10 requests failed authentication, and none passed it; they may come from anyone. `no_events`: emails were accepted `silenceHours` ago or earlier, and no event has arrived since.',
};

@ApiSchema({ name: 'UnauthenticatedCounts' })
export class UnauthenticatedCountsResponse {
  @ApiProperty({ type: 'integer', description: 'Requests without a signature or secret.' })
  readonly missing!: number;

  @ApiProperty({ type: 'integer', description: 'Requests with a wrong signature or secret.' })
  readonly invalid!: number;

  @ApiProperty({ type: 'integer', description: 'Requests with a malformed signature.' })
  readonly malformed!: number;

  @ApiProperty({ type: 'integer', description: 'Requests while the connection had no key to check them with.' })
  readonly not_configured!: number;
}

@ApiSchema({ name: 'WebhookCounts' })
export class WebhookCountsResponse {
  @ApiProperty({ format: 'date-time', description: 'The beginning of the period, which is that of an hour.' })
  readonly from!: Date;

  @ApiProperty({ type: 'integer', description: 'The number of requests whose events were stored.' })
  readonly accepted!: number;

  @ApiProperty({ type: 'integer', description: 'The number of authenticated requests that could not be read.' })
  readonly rejected!: number;

  @ApiProperty({ type: UnauthenticatedCountsResponse })
  readonly unauthenticated!: UnauthenticatedCountsResponse;

  @ApiProperty({ type: 'integer', description: 'The number of new events.' })
  readonly events!: number;
}

@ApiSchema({ name: 'WebhookHealthChange' })
export class WebhookHealthChangeResponse implements WebhookHealthChange {
  @ApiProperty(HEALTH_STATE)
  readonly state!: WebhookHealthState;

  @ApiProperty(HEALTH_REASON)
  readonly reason!: WebhookHealthReason | null;

  @ApiProperty({ format: 'date-time' })
  readonly changedAt!: Date;
}

@ApiSchema({ name: 'WebhookHealth' })
export class WebhookHealthResponse implements WebhookHealth {
  @ApiProperty(HEALTH_STATE)
  readonly state!: WebhookHealthState;

  @ApiProperty(HEALTH_REASON)
  readonly reason!: WebhookHealthReason | null;

  @ApiProperty({ format: 'date-time', description: 'When the service noticed this state and reason.' })
  readonly since!: Date;

  @ApiProperty({ ...TIME, description: 'When an authenticated request was last received, whether readable or not.' })
  readonly lastAuthenticatedAt!: Date | null;

  @ApiProperty({ ...TIME, description: 'When a request with new events was last received.' })
  readonly lastEventAt!: Date | null;

  @ApiProperty({ ...TIME, description: 'When a request last failed authentication.' })
  readonly lastUnauthenticatedAt!: Date | null;

  @ApiProperty({ type: WebhookCountsResponse, description: 'The numbers of the last 24 hours, as of a second ago.' })
  readonly counts!: WebhookCountsResponse;

  @ApiProperty({ description: 'New events per minute, in this hour and the one before.' })
  readonly eventsPerMinute!: number;

  @ApiProperty({
    type: 'integer',
    description: 'After how many hours without an event accepted emails make the webhook unhealthy.',
  })
  readonly silenceHours!: number;

  @ApiProperty({ type: [WebhookHealthChangeResponse], description: 'The last 20 changes, newest first.' })
  readonly changes!: readonly WebhookHealthChangeResponse[];
}

@ApiSchema({ name: 'SampleEvent' })
export class SampleEventResponse {
  @ApiProperty()
  readonly id!: string;

  @ApiProperty({ enum: EVENT_KINDS })
  readonly kind!: EventKind;
}

@ApiSchema({ name: 'SampleGap' })
export class SampleGapResponse implements SampleGap {
  @ApiProperty({
    enum: ['network', 'vendor_signature', 'route'],
    description:
      '`network`: the way from the vendor to this service. `vendor_signature`: the stored key, since only the vendor can sign for it; the sample was signed with a new key. `route`: the webhook route of the application.',
  })
  readonly code!: SampleGap['code'];

  @ApiProperty()
  readonly description!: string;
}

@ApiSchema({ name: 'WebhookSample' })
export class WebhookSampleResponse implements WebhookSampleResult {
  @ApiProperty({
    enum: ['accepted', 'unauthenticated', 'rejected', 'failed'],
    description:
      '`accepted`: all events are stored. `unauthenticated`: the webhook refused the signature or secret. `rejected`: the body could not be read. `failed`: the service could not process the request.',
  })
  readonly verdict!: WebhookSampleResult['verdict'];

  @ApiProperty({ type: String, nullable: true, description: 'The error code; null if the sample was accepted.' })
  readonly code!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The reason, in one or two sentences; null if the sample was accepted.',
  })
  readonly reason!: string | null;

  @ApiProperty({ type: [SampleEventResponse], description: 'The events that are stored.' })
  readonly events!: readonly SampleEventResponse[];

  @ApiProperty({ type: [SampleGapResponse], description: 'What the sample does not show.' })
  readonly notExercised!: readonly SampleGapResponse[];
}

@ApiSchema({ name: 'WebhookReceipt' })
export class WebhookReceiptResponse implements Stored {
  @ApiProperty({ type: 'integer', description: 'The number of events that were stored.' })
  readonly accepted!: number;

  @ApiProperty({ type: 'integer', description: 'The number of events that had been stored before.' })
  readonly duplicates!: number;
}

@ApiSchema({ name: 'WebhookProbe' })
export class WebhookProbeResponse {
  @ApiProperty({ enum: ['ok'] })
  readonly status!: 'ok';
}
