import {
  decodeCursor,
  ENDPOINT_STATES,
  type EndpointState,
  type EndpointStateReason,
  FEED_KINDS,
  type FeedKind,
  MESSAGE_STATES,
  MESSAGE_TYPES,
  type MessageState,
  type MessageType,
  type NewWebhookEndpoint,
  type Page,
  type Replay,
  type WebhookAttempt,
  type WebhookEndpoint,
  type WebhookMessage,
} from '@score-crm/connections';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { CURSOR, IsCursor, IsSomeOf, NEXT_CURSOR, PageQuery } from '../queries/parameter.decorators.ts';

@ApiSchema({ name: 'WebhookEndpoint' })
export class WebhookEndpointResponse implements WebhookEndpoint {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ example: 'https://hooks.example.com/email-events' })
  readonly url!: string;

  @ApiProperty({ type: String, nullable: true })
  readonly description!: string | null;

  @ApiProperty({
    enum: FEED_KINDS,
    isArray: true,
    nullable: true,
    description: 'The kinds of events that it receives. Null for all kinds of events of emails.',
  })
  readonly kinds!: readonly FeedKind[] | null;

  @ApiProperty({ enum: ENDPOINT_STATES })
  readonly state!: EndpointState;

  @ApiProperty({
    enum: ['user', 'gone', 'failing', null],
    type: String,
    nullable: true,
    description:
      'Why it is disabled. `user`: a user disabled it. `gone`: it responded 410. `failing`: all attempts to deliver a message failed, and no other succeeded for 3 days. Null if it is enabled.',
  })
  readonly stateReason!: EndpointStateReason | null;

  @ApiProperty({ format: 'date-time' })
  readonly stateSince!: Date;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'The first failed attempt since the last success. Null if the last attempt succeeded.',
  })
  readonly failingSince!: Date | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When it last accepted a message.' })
  readonly lastSuccessAt!: Date | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description:
      'Until when messages are signed with the previous secret, too. Null if only the current secret signs them.',
  })
  readonly previousSecretUntil!: Date | null;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: Date;

  @ApiProperty({ format: 'date-time' })
  readonly updatedAt!: Date;

  @ApiProperty({ type: 'integer', description: 'Increases with each change.' })
  readonly version!: number;
}

@ApiSchema({ name: 'NewWebhookEndpoint' })
export class NewWebhookEndpointResponse extends WebhookEndpointResponse implements NewWebhookEndpoint {
  @ApiProperty({
    description: 'The secret that signs messages, as Standard Webhooks defines it. It is returned only once.',
    example: 'whsec_…',
  })
  readonly secret!: string;
}

export class WebhookEndpointList {
  @ApiProperty({ type: [WebhookEndpointResponse] })
  readonly data!: readonly WebhookEndpointResponse[];
}

@ApiSchema({ name: 'WebhookAttempt' })
export class WebhookAttemptResponse implements WebhookAttempt {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ format: 'date-time' })
  readonly startedAt!: Date;

  @ApiProperty({ type: 'integer', description: 'In milliseconds.' })
  readonly durationMs!: number;

  @ApiProperty({ type: 'integer', nullable: true, description: 'The HTTP status. Null if there is no response.' })
  readonly status!: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'Why there is no response, such as `timeout`, `connection_refused`, `address_forbidden` or `response_too_large`. `events_deleted`: nothing was sent, because the events are no longer stored.',
  })
  readonly error!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The first 1,024 characters of the response.' })
  readonly response!: string | null;
}

@ApiSchema({ name: 'WebhookMessage' })
export class WebhookMessageResponse implements WebhookMessage {
  @ApiProperty({ format: 'uuid', description: 'The `webhook-id` of all attempts.' })
  readonly id!: string;

  @ApiProperty({ enum: MESSAGE_TYPES })
  readonly type!: MessageType;

  @ApiProperty({
    enum: MESSAGE_STATES,
    description:
      '`pending`: waiting for the next attempt. `sending`: an attempt is in progress. `delivered`: the endpoint responded 2xx. `failed`: all attempts failed.',
  })
  readonly state!: MessageState;

  @ApiProperty({ type: 'integer', description: 'The number of events.' })
  readonly events!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The position of the first event. Null for a test.',
    example: '1042-1',
  })
  readonly firstPosition!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The position of the last event. Null for a test.',
    example: '1042-17',
  })
  readonly lastPosition!: string | null;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: Date;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Null if no further attempt follows.',
  })
  readonly nextAttemptAt!: Date | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the message was delivered or failed.',
  })
  readonly endedAt!: Date | null;

  @ApiProperty({ type: [WebhookAttemptResponse], description: 'The last 20 attempts, newest first.' })
  readonly attempts!: readonly WebhookAttemptResponse[];
}

export class WebhookMessagePage implements Page<WebhookMessage> {
  @ApiProperty({ type: [WebhookMessageResponse] })
  readonly data!: readonly WebhookMessageResponse[];

  @ApiProperty(NEXT_CURSOR)
  readonly nextCursor!: string | null;
}

@ApiSchema({ name: 'WebhookReplay' })
export class WebhookReplayResponse implements Replay {
  @ApiProperty({ type: 'integer', description: 'The number of messages that are sent again.' })
  readonly messages!: number;
}

/** Which messages to list. */
export class WebhookMessageQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: MESSAGE_STATES,
    isArray: true,
    description: 'Return only messages in one of these states, separated by commas.',
  })
  @IsOptional()
  @IsSomeOf(MESSAGE_STATES)
  readonly state?: readonly MessageState[];

  @ApiPropertyOptional(CURSOR)
  @IsOptional()
  @IsCursor(decodeCursor)
  readonly cursor?: string;
}
