import {
  type Connection,
  type ConnectionWebhook,
  type DailyAllowance,
  decodeCursor,
  type LastTest,
  type Page,
  type SecretState,
  type Sender,
  type SendingMode,
  type SendingLimits,
  type WebhookState,
} from '@score-crm/connections';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, type ApiPropertyOptions, ApiSchema } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import {
  CURSOR,
  IsBooleanParameter,
  IsCursor,
  IsTextParameter,
  IsVendor,
  NEXT_CURSOR,
  PageQuery,
} from '../queries/parameter.decorators.ts';
import { UsageCountsResponse } from '../usages/usage.dto.ts';
import { SETTINGS_VALUE } from '../vendors/vendor.dto.ts';
import { STATE } from '../webhooks/webhook.dto.ts';

/** `allowedSenderDomains` of a connection. */
export const SENDER_DOMAINS: ApiPropertyOptions = {
  type: [String],
  description:
    'The domains that messages may be sent from: `example.com`, or `*.example.com` for all of its subdomains. An empty list allows every domain.',
  example: ['example.com', '*.example.com'],
};

@ApiSchema({ name: 'Sender' })
export class SenderResponse implements Sender {
  @ApiProperty({ example: 'news@example.com' })
  readonly email!: string;

  @ApiPropertyOptional({ example: 'Example News' })
  readonly name?: string;

  @ApiPropertyOptional({
    description: 'Where replies to messages from this address go, unless a message names another address.',
    example: 'help@example.com',
  })
  readonly replyTo?: string;
}

@ApiSchema({ name: 'SecretState' })
export class SecretStateResponse implements SecretState {
  @ApiProperty({ enum: [true] })
  readonly set!: true;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The last four characters of the secret. Null for a secret of fewer than 16 characters.',
  })
  readonly hint!: string | null;

  @ApiProperty({ format: 'date-time' })
  readonly updatedAt!: string;
}

@ApiSchema({ name: 'LastTest' })
export class LastTestResponse implements LastTest {
  @ApiProperty({ format: 'date-time' })
  readonly testedAt!: string;

  @ApiProperty({ description: 'Whether the test passed.' })
  readonly ok!: boolean;

  @ApiPropertyOptional({ description: 'The error code of a failed test.', example: 'authentication_failed' })
  readonly code?: string;

  @ApiPropertyOptional({ description: 'Which side must act to fix a failed test.', example: 'configuration' })
  readonly fault?: string;
}

@ApiSchema({ name: 'ConnectionWebhook' })
export class ConnectionWebhookResponse implements ConnectionWebhook {
  @ApiProperty({ description: 'Whether the vendor supports webhooks.' })
  readonly supported!: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The URL that the vendor posts events to. Null if the service has no `PUBLIC_URL`.',
  })
  readonly url!: string | null;

  @ApiProperty(STATE)
  readonly state!: WebhookState;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the service last stored an event of this connection.',
  })
  readonly lastEventAt!: Date | null;
}

@ApiSchema({ name: 'DailyAllowance' })
export class DailyAllowanceResponse implements DailyAllowance {
  @ApiProperty({ type: 'integer', description: 'How many emails the connection may send today, in UTC.' })
  readonly emails!: number;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'How many of them were sent. Null while they cannot be counted, because Redis does not respond.',
  })
  readonly used!: number | null;

  @ApiProperty({ format: 'date-time', description: 'When the next day begins.' })
  readonly resetsAt!: Date;
}

@ApiSchema({ name: 'Connection' })
@ApiExtraModels(SecretStateResponse)
export class ConnectionResponse implements Connection {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ example: 'Newsletter' })
  readonly name!: string;

  @ApiProperty({ description: 'The vendor key, as `GET /api/v1/vendors` lists it.', example: 'smtp' })
  readonly vendor!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: SETTINGS_VALUE,
    description: 'The vendor settings, without secret fields.',
    example: { host: 'smtp.example.com', port: 587 },
  })
  readonly settings!: Connection['settings'];

  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: '#/components/schemas/SecretState' },
    description: 'The secret fields that are set, by name. Secret values are never returned.',
  })
  readonly secrets!: Readonly<Record<string, SecretStateResponse>>;

  @ApiProperty({ type: String, nullable: true, description: 'The default sender address.' })
  readonly fromEmail!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The default sender name.' })
  readonly fromName!: string | null;

  @ApiProperty({
    type: [SenderResponse],
    description: 'All senders, the default one first: its email is `fromEmail`, and its name `fromName`.',
  })
  readonly senders!: readonly SenderResponse[];

  @ApiProperty(SENDER_DOMAINS)
  readonly allowedSenderDomains!: readonly string[];

  @ApiProperty({ description: 'Whether messages are not sent to suppressed recipients.' })
  readonly checkSuppressions!: boolean;

  @ApiProperty({
    anyOf: [{ $ref: '#/components/schemas/SendingLimits' }, { type: 'null' }],
    description: 'How much the connection may send. Null without limits.',
  })
  readonly limits!: SendingLimits | null;

  @ApiProperty({
    type: DailyAllowanceResponse,
    nullable: true,
    description: 'What the connection may send today. Null without a limit per day.',
  })
  readonly allowance!: DailyAllowanceResponse | null;

  @ApiProperty({
    type: String,
    description: 'One of `live`, `redirect` and `drop`. The service may have a stricter mode, which the session shows.',
    example: 'live',
  })
  readonly mode!: SendingMode;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The address that receives all emails in the mode `redirect`.',
  })
  readonly redirectTo!: string | null;

  @ApiProperty({ description: 'Whether the connection can be claimed and sent through.' })
  readonly enabled!: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the connection was disabled. Null while it is enabled.',
  })
  readonly disabledAt!: Date | null;

  @ApiProperty({ type: LastTestResponse, nullable: true, description: 'The last test. Null if there was none.' })
  readonly lastTest!: LastTestResponse | null;

  @ApiProperty({ type: ConnectionWebhookResponse })
  readonly webhook!: ConnectionWebhookResponse;

  @ApiProperty({ type: UsageCountsResponse })
  readonly usages!: UsageCountsResponse;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: Date;

  @ApiProperty({ format: 'date-time' })
  readonly updatedAt!: Date;

  @ApiProperty({
    type: 'integer',
    description: 'Increases with every update. The `ETag` header starts with it.',
  })
  readonly version!: number;
}

export class ConnectionPage implements Page<Connection> {
  @ApiProperty({ type: [ConnectionResponse] })
  readonly data!: readonly ConnectionResponse[];

  @ApiProperty(NEXT_CURSOR)
  readonly nextCursor!: string | null;
}

/** Which connections to list. */
export class ConnectionListQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Return only connections of this vendor.' })
  @IsOptional()
  @IsVendor()
  readonly vendor?: string;

  @ApiPropertyOptional({ description: 'Part of the name or of the sender address.', maxLength: 320 })
  @IsOptional()
  @IsTextParameter(320)
  readonly search?: string;

  @ApiPropertyOptional({ description: 'True for enabled connections only, false for disabled ones only.' })
  @IsOptional()
  @IsBooleanParameter()
  readonly enabled?: boolean;

  @ApiPropertyOptional(CURSOR)
  @IsOptional()
  @IsCursor(decodeCursor)
  readonly cursor?: string;
}
