import { type Bounce, type BounceClass, EVENT_KINDS, type EventKind } from '@score-crm/adapter-kit';
import {
  type ConnectionEvent,
  type ConnectionEventDetails,
  decodeEventCursor,
  type EventAttribution,
  FEED_KINDS,
  FEED_LIMITS,
  type FeedEvent,
  type FeedKind,
  type FeedSlice,
  type RecipientState,
  type MessageTimeline,
  type Page,
  WEBHOOK_HEALTH_CHANGED,
  WEBHOOK_HEALTH_REASONS,
  WEBHOOK_HEALTH_STATES,
  type WebhookHealthEvent,
  type WebhookHealthPeriod,
  type WebhookHealthReason,
  type WebhookHealthState,
} from '@score-crm/connections';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, ApiSchema, getSchemaPath } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import {
  CURSOR,
  IsCursor,
  IsFeedPosition,
  IsNumberParameter,
  IsSomeOf,
  IsOneOf,
  IsRecipient,
  IsRecipientDomain,
  IsTextParameter,
  IsTimeParameter,
  NEXT_CURSOR,
  PageQuery,
} from '../queries/parameter.decorators.ts';

/** Longer than the ID of any vendor, in characters. */
const MAX_MESSAGE_ID = 1_000;
const MAX_CONNECTION_ID = 36;

const BOUNCE_CLASSES = ['hard', 'soft', 'block', 'policy', 'admin', 'unknown'] satisfies BounceClass[];

@ApiSchema({ name: 'Bounce' })
export class BounceResponse implements Bounce {
  @ApiProperty({
    enum: BOUNCE_CLASSES,
    description:
      '`hard`: the address does not exist. `soft`: a temporary failure. `block`: the receiver rejected the sender, not the address. `policy`: the receiver rejected the message. `admin`: the vendor did not attempt delivery, because of a suppression list or an account limit.',
  })
  readonly class!: BounceClass;

  @ApiPropertyOptional({ type: 'integer', description: 'The SMTP reply code.', example: 550 })
  readonly code?: number;

  @ApiPropertyOptional({ description: 'The enhanced status code (RFC 3463).', example: '5.1.1' })
  readonly enhancedCode?: string;

  @ApiPropertyOptional({ description: 'The reason, as the vendor or the receiving server reported it.' })
  readonly reason?: string;

  @ApiPropertyOptional({ description: 'The name of the vendor’s classification rule.' })
  readonly rule?: string;
}

@ApiSchema({ name: 'Event' })
export class EventResponse implements ConnectionEvent {
  @ApiProperty()
  readonly id!: string;

  @ApiProperty({ enum: EVENT_KINDS })
  readonly kind!: EventKind;

  @ApiProperty({
    format: 'date-time',
    description:
      'When the event happened, as the vendor reported it. Equal to `receivedAt` if the vendor reported no time, a time more than a day ahead, or a time more than ten years ago.',
  })
  readonly occurredAt!: Date;

  @ApiProperty({ format: 'date-time' })
  readonly receivedAt!: Date;

  @ApiProperty({ type: String, nullable: true, description: 'The recipient address, in lower case.' })
  readonly recipient!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The message ID that sending the message returned.' })
  readonly messageId!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The vendor’s own ID of the event.' })
  readonly vendorEventId!: string | null;

  @ApiProperty({ type: BounceResponse, nullable: true })
  readonly bounce!: BounceResponse | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'What the receiving server or the vendor replied, such as the reason of a deferral or a bounce; null if the vendor did not report it.',
    example: '452 4.2.2 The recipient has exceeded their quota. Try again later.',
  })
  readonly reply!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The URL that was clicked.' })
  readonly url!: string | null;

  @ApiProperty({ type: String, nullable: true })
  readonly userAgent!: string | null;

  @ApiProperty({ type: String, nullable: true })
  readonly ip!: string | null;

  @ApiProperty({
    type: Boolean,
    nullable: true,
    description: 'True for an open by a machine, such as a mail client that prefetches images.',
  })
  readonly machine!: boolean | null;

  @ApiProperty({ type: [String] })
  readonly tags!: readonly string[];

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  readonly metadata!: Readonly<Record<string, string>>;

  @ApiProperty({
    enum: ['own', 'foreign', 'unmatched', 'test'],
    description:
      '`own`: the message was sent through this connection. `foreign`: the message names another connection. `unmatched`: the message names no connection. `test`: the event belongs to a test message, or the vendor sent it to try the webhook.',
  })
  readonly attribution!: EventAttribution;
}

@ApiSchema({ name: 'EventDetails' })
export class EventDetailsResponse extends EventResponse implements ConnectionEventDetails {
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description:
      'The event as the vendor sent it, with all digits of its numbers. Null if it is no longer stored. Numbers may exceed the precision of a double, so parse them without loss.',
  })
  readonly raw!: unknown;
}

export class EventPage implements Page<ConnectionEvent> {
  @ApiProperty({ type: [EventResponse] })
  readonly data!: readonly EventResponse[];

  @ApiProperty(NEXT_CURSOR)
  readonly nextCursor!: string | null;
}

@ApiSchema({ name: 'RecipientState' })
export class RecipientStateResponse implements RecipientState {
  @ApiProperty({ type: String, nullable: true, description: 'The recipient address; null for events without one.' })
  readonly recipient!: string | null;

  @ApiProperty({
    enum: EVENT_KINDS,
    description: 'The kind of the strongest event. An open or a click by a machine counts as `delivered`.',
  })
  readonly state!: EventKind;

  @ApiProperty({ enum: BOUNCE_CLASSES, nullable: true, type: String, description: 'The class, if it bounced.' })
  readonly bounceClass!: BounceClass | null;

  @ApiProperty({ format: 'date-time', description: 'When the first event of this strength happened.' })
  readonly since!: Date;

  @ApiProperty({ description: 'The ID of that event.' })
  readonly eventId!: string;
}

@ApiSchema({ name: 'MessageTimeline' })
export class MessageTimelineResponse implements MessageTimeline {
  @ApiProperty({ description: 'The ID that sending the message returned.' })
  readonly messageId!: string;

  @ApiProperty({
    type: [EventResponse],
    description: 'The events of the message in the order in which they happened, up to 1,000.',
  })
  readonly events!: readonly EventResponse[];

  @ApiProperty({ description: 'Whether the message has more events. Then ask for those of one recipient.' })
  readonly truncated!: boolean;

  @ApiProperty({
    type: [RecipientStateResponse],
    description:
      'The state for each recipient, by the events of this response. It is the strongest event, independent of the order in which the events happened or were received. From the strongest: complained, unsubscribed, subscribed, clicked, opened, bounced (hard, policy, block), delivered, bounced (soft, admin, unknown), failed, rejected, deferred, sent, queued, unknown. Receiving servers accept messages and may return them later, so a bounce with a permanent reason is stronger than a delivery.',
  })
  readonly states!: readonly RecipientStateResponse[];
}

/** Which events to list. */
export class EventListQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: EVENT_KINDS,
    isArray: true,
    description: 'Return only events of these kinds, separated by commas.',
    example: ['bounced', 'complained'],
  })
  @IsOptional()
  @IsSomeOf(EVENT_KINDS)
  readonly kind?: readonly EventKind[];

  @ApiPropertyOptional({ description: 'Return only events of this recipient: a complete email address.' })
  @IsOptional()
  @IsRecipient()
  readonly recipient?: string;

  @ApiPropertyOptional({
    description:
      'Return only events of recipients at this domain, without its subdomains. See the description of the operation.',
    example: 'example.com',
  })
  @IsOptional()
  @IsRecipientDomain()
  readonly domain?: string;

  @ApiPropertyOptional({ description: 'Return only events of this message: the ID that sending it returned.' })
  @IsOptional()
  @IsTextParameter(MAX_MESSAGE_ID)
  readonly messageId?: string;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Return only events that were received at this time or later.',
    example: '2026-01-31T08:00:00Z',
  })
  @IsOptional()
  @IsTimeParameter()
  readonly from?: Date;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Return only events that were received before this time.',
    example: '2026-01-31T09:00:00Z',
  })
  @IsOptional()
  @IsTimeParameter()
  readonly to?: Date;

  @ApiPropertyOptional({
    enum: ['asc', 'desc'],
    default: 'desc',
    description: '`desc`: newest first. `asc`: oldest first. The order is that in which the events were stored.',
  })
  @IsOptional()
  @IsOneOf(['asc', 'desc'])
  readonly order?: 'asc' | 'desc';

  @ApiPropertyOptional(CURSOR)
  @IsOptional()
  @IsCursor(decodeEventCursor)
  readonly cursor?: string;
}

@ApiSchema({ name: 'FeedEvent' })
export class FeedEventResponse extends EventResponse implements Omit<FeedEvent, 'organization'> {
  @ApiProperty({
    description: 'The position after this event. Pass it as `after` to continue with the next one.',
    example: '1042-17',
  })
  readonly position!: string;

  @ApiProperty({ format: 'uuid', description: 'The connection that received the event.' })
  readonly connectionId!: string;

  @ApiProperty({ description: 'The vendor of the connection.', example: 'sendgrid' })
  readonly vendor!: string;
}

@ApiSchema({ name: 'WebhookHealthPeriod' })
export class WebhookHealthPeriodResponse implements WebhookHealthPeriod {
  @ApiProperty({ enum: WEBHOOK_HEALTH_STATES, description: 'See `state` of the health of a webhook.' })
  readonly state!: WebhookHealthState;

  @ApiProperty({
    enum: WEBHOOK_HEALTH_REASONS,
    nullable: true,
    description: 'See `reason` of the health of a webhook. Null unless it is unhealthy.',
  })
  readonly reason!: WebhookHealthReason | null;

  @ApiProperty({ format: 'date-time' })
  readonly since!: Date;
}

@ApiSchema({ name: 'WebhookHealthEvent' })
export class WebhookHealthEventResponse implements Omit<WebhookHealthEvent, 'organization'> {
  @ApiProperty()
  readonly id!: string;

  @ApiProperty({ enum: [WEBHOOK_HEALTH_CHANGED] })
  readonly kind!: typeof WEBHOOK_HEALTH_CHANGED;

  @ApiProperty({ format: 'date-time', description: 'When the service noticed the change.' })
  readonly occurredAt!: Date;

  @ApiProperty({ type: WebhookHealthPeriodResponse, description: 'The health of the webhook after the change.' })
  readonly health!: WebhookHealthPeriodResponse;

  @ApiProperty({
    type: WebhookHealthPeriodResponse,
    nullable: true,
    description: 'The health before the change. Null for the first state of the webhook.',
  })
  readonly previous!: WebhookHealthPeriodResponse | null;

  @ApiProperty({
    description: 'The position after this event. Pass it as `after` to continue with the next one.',
    example: '1042-1',
  })
  readonly position!: string;

  @ApiProperty({ format: 'uuid', description: 'The connection of the webhook.' })
  readonly connectionId!: string;

  @ApiProperty({ description: 'The vendor of the connection.', example: 'sendgrid' })
  readonly vendor!: string;
}

@ApiExtraModels(FeedEventResponse, WebhookHealthEventResponse)
@ApiSchema({ name: 'Feed' })
export class FeedResponse implements Omit<FeedSlice, 'data'> {
  @ApiProperty({
    type: 'array',
    items: {
      oneOf: [{ $ref: getSchemaPath(FeedEventResponse) }, { $ref: getSchemaPath(WebhookHealthEventResponse) }],
    },
    description:
      'The next events, in the order of the feed. `kind` decides which fields an event has; a `WebhookHealthEvent` is returned only if you ask for its kind.',
  })
  readonly data!: readonly (FeedEventResponse | WebhookHealthEventResponse)[];

  @ApiProperty({ description: 'Pass it as `after` to continue, also if no event was returned.', example: '1043-0' })
  readonly next!: string;

  @ApiProperty({ description: 'Whether there are no more events for now.' })
  readonly isAtEnd!: boolean;
}

/** Which events of the feed to return. */
export class FeedStreamQuery {
  @ApiPropertyOptional({
    description:
      'Return the events after this position: `position` of an event, or `next` of the previous response. `end` returns only events from now on. By default, the oldest events that are still in the feed come first.',
    example: '1042-17',
  })
  @IsOptional()
  @IsFeedPosition()
  readonly after?: string;

  @ApiPropertyOptional({
    enum: FEED_KINDS,
    isArray: true,
    description:
      'Return only events of these kinds, separated by commas. By default, all events of emails are returned. `webhook_health_changed`, a change of the health of a webhook, is not one of them: it is returned only if you name it.',
    example: ['bounced', 'complained'],
  })
  @IsOptional()
  @IsSomeOf(FEED_KINDS)
  readonly kind?: readonly FeedKind[];

  @ApiPropertyOptional({ format: 'uuid', description: 'Return only events of this connection.' })
  @IsOptional()
  @IsTextParameter(MAX_CONNECTION_ID)
  readonly connectionId?: string;

  @ApiPropertyOptional({ description: 'Return only events of this recipient: a complete email address.' })
  @IsOptional()
  @IsRecipient()
  readonly recipient?: string;

  @ApiPropertyOptional({ description: 'Return only events of this message: the ID that sending it returned.' })
  @IsOptional()
  @IsTextParameter(MAX_MESSAGE_ID)
  readonly messageId?: string;
}

export class FeedListQuery extends FeedStreamQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: FEED_LIMITS.max,
    default: FEED_LIMITS.default,
    description: 'The maximum number of events to return.',
  })
  @IsOptional()
  @IsNumberParameter(FEED_LIMITS.max)
  readonly limit?: number;
}

/** Which events of a message to return. */
export class MessageTimelineQuery {
  @ApiPropertyOptional({ description: 'Return only events of this recipient: a complete email address.' })
  @IsOptional()
  @IsRecipient()
  readonly recipient?: string;
}
