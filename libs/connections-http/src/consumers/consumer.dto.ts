import type { ConsumerState, ConsumerType, DeadLetter } from '@score-crm/connections';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';

@ApiSchema({ name: 'Consumer' })
export class ConsumerResponse implements Omit<ConsumerState, 'position'> {
  @ApiProperty({ example: 'rabbitmq' })
  readonly name!: string;

  @ApiProperty({
    enum: ['projection', 'subscriber', 'rabbitmq', 'webhook'],
    description:
      '`projection`: numbers and lists that derive from events. `subscriber`: a method of an application. `rabbitmq`: the publisher to RabbitMQ. `webhook`: an outgoing webhook.',
  })
  readonly type!: ConsumerType;

  @ApiProperty({ description: 'The position up to which it has read the feed.', example: '1042-17' })
  readonly position!: string;

  @ApiProperty({ type: 'integer', description: 'The number of entries of the feed that it has not read yet.' })
  readonly lag!: number;

  @ApiProperty()
  readonly paused!: boolean;

  @ApiProperty({ description: 'Whether an instance is reading for it now. While there is nothing to read, none is.' })
  readonly isRunning!: boolean;

  @ApiProperty({ type: 'integer', description: 'The number of attempts that have failed in a row.' })
  readonly failures!: number;

  @ApiProperty({ type: String, nullable: true })
  readonly lastError!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly lastErrorAt!: Date | null;

  @ApiProperty({ type: 'integer', description: 'The number of events that it could not process.' })
  readonly deadLetters!: number;
}

@ApiSchema({ name: 'ConsumerList' })
export class ConsumerList {
  @ApiProperty({ type: [ConsumerResponse] })
  readonly data!: readonly ConsumerResponse[];
}

@ApiSchema({ name: 'DeadLetter' })
export class DeadLetterResponse implements Omit<DeadLetter, 'position'> {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ description: 'The ID of the event.' })
  readonly eventId!: string;

  @ApiProperty({ description: 'The position after the event.', example: '1042-17' })
  readonly position!: string;

  @ApiProperty({ description: 'Why the consumer failed for the event.' })
  readonly reason!: string;

  @ApiProperty({ type: 'integer', description: 'How often it failed for this event alone.' })
  readonly attempts!: number;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: Date;
}

@ApiSchema({ name: 'DeadLetterList' })
export class DeadLetterList {
  @ApiProperty({ type: [DeadLetterResponse] })
  readonly data!: readonly DeadLetterResponse[];
}

/** The result of handing an event to its consumer again. */
@ApiSchema({ name: 'Replay' })
export class ReplayResponse {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why the consumer failed again; null if it succeeded, and the dead letter is deleted.',
  })
  readonly error!: string | null;
}

export class DeadLetterQuery {
  @ApiPropertyOptional({
    format: 'uuid',
    description: 'Return those after this one: the last `id` of the previous list.',
  })
  @IsOptional()
  @Matches(/^[\da-f-]{36}$/, { message: 'Use the `id` of a dead letter.' })
  readonly after?: string;
}
