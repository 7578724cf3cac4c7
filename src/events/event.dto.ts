import { EVENT_KINDS } from '@score-crm/adapter-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class BounceView {
  @ApiProperty({
    enum: ['hard', 'soft', 'block', 'policy', 'admin', 'unknown'],
    description:
      'hard: the address is dead. block: the sender was refused, not the address. policy: the message was refused. admin: the vendor did not try. soft: temporary.',
  })
  readonly class!: string;

  @ApiPropertyOptional({ description: 'The SMTP reply code.', example: 550 })
  readonly code?: number;

  @ApiPropertyOptional({ description: 'RFC 3463', example: '5.1.1' })
  readonly enhancedCode?: string;

  @ApiPropertyOptional({ description: 'The vendor’s or the receiver’s own words.' })
  readonly reason?: string;

  @ApiPropertyOptional({ description: 'The vendor’s name of the rule that decided the class.' })
  readonly rule?: string;
}

export class EventView {
  @ApiProperty()
  readonly id!: string;

  @ApiProperty({ enum: EVENT_KINDS })
  readonly kind!: string;

  @ApiProperty({
    format: 'date-time',
    description:
      'When the event happened, as the vendor reported it. Equal to receivedAt if the vendor reported no time, or one more than a day ahead or more than ten years ago.',
  })
  readonly occurredAt!: Date;

  @ApiProperty({ format: 'date-time' })
  readonly receivedAt!: Date;

  @ApiProperty({ type: String, nullable: true, description: 'In lower case.' })
  readonly recipient!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'As sending the message returned it.' })
  readonly messageId!: string | null;

  @ApiProperty({ type: String, nullable: true })
  readonly vendorEventId!: string | null;

  @ApiProperty({ type: BounceView, nullable: true })
  readonly bounce!: BounceView | null;

  @ApiProperty({ type: String, nullable: true })
  readonly url!: string | null;

  @ApiProperty({ type: String, nullable: true })
  readonly userAgent!: string | null;

  @ApiProperty({ type: String, nullable: true })
  readonly ip!: string | null;

  @ApiProperty({ type: Boolean, nullable: true, description: 'True for an open made by a machine.' })
  readonly machine!: boolean | null;

  @ApiProperty({ type: [String] })
  readonly tags!: readonly string[];

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  readonly metadata!: Readonly<Record<string, string>>;

  @ApiProperty({
    enum: ['own', 'foreign', 'unmatched', 'test'],
    description:
      'ours: the message names this connection, or was sent through it. foreign: it names another one. unmatched: it names none. test: it is about a test message, or the vendor made the event to try the webhook out.',
  })
  readonly attribution!: string;
}

export class EventDetailsView extends EventView {
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description:
      'The vendor’s item, unchanged, with all digits of its numbers; null if it is no longer stored. Numbers may exceed the precision of a double: parse them without loss.',
  })
  readonly raw!: unknown;
}

export class EventPage {
  @ApiProperty({ type: [EventView] })
  readonly data!: readonly EventView[];

  @ApiProperty({ type: String, nullable: true, description: 'Leads to the next page; null on the last one.' })
  readonly nextCursor!: string | null;
}
