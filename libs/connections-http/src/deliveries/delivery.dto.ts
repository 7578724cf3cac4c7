import {
  decodeDeliveryCursor,
  type Delivery,
  DELIVERY_STATUSES,
  type DeliveryDetails,
  type DeliveryStatus,
  type Page,
  type RejectedItem,
  type ReprocessingJob,
  type ReprocessingState,
} from '@score-crm/connections';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { CURSOR, IsCursor, IsSomeOf, NEXT_CURSOR, PageQuery } from '../queries/parameter.decorators.ts';

@ApiSchema({ name: 'RejectedItem' })
export class RejectedItemResponse implements RejectedItem {
  @ApiProperty({ type: 'integer', description: 'The position of the item in the request, from 0.' })
  readonly position!: number;

  @ApiProperty()
  readonly reason!: string;
}

@ApiSchema({ name: 'Delivery' })
export class DeliveryResponse implements Delivery {
  @ApiProperty()
  readonly id!: string;

  @ApiProperty({
    enum: DELIVERY_STATUSES,
    description:
      '`accepted`: the events are stored. `rejected`: the request was authenticated, but its body could not be read. `unauthenticated`: the request failed authentication.',
  })
  readonly status!: DeliveryStatus;

  @ApiProperty({ format: 'date-time' })
  readonly receivedAt!: Date;

  @ApiProperty({ format: 'date-time', description: 'When the same request was last received.' })
  readonly lastReceivedAt!: Date;

  @ApiProperty({
    type: 'integer',
    description:
      'How often the same request was received. Repetitions of a request without rejected items are deliveries of their own.',
  })
  readonly occurrences!: number;

  @ApiProperty({ type: 'integer', description: 'The size of the body in bytes.' })
  readonly size!: number;

  @ApiProperty({
    type: 'integer',
    description: 'The time from the complete request to the start of storing it, in milliseconds.',
  })
  readonly durationMs!: number;

  @ApiProperty({ type: 'integer', description: 'The number of events that were stored.' })
  readonly accepted!: number;

  @ApiProperty({ type: 'integer', description: 'The number of events that had been stored before.' })
  readonly duplicates!: number;

  @ApiProperty({ type: 'integer', description: 'The number of items that could not be read.' })
  readonly rejected!: number;

  @ApiProperty({ type: [RejectedItemResponse], description: 'The first 20 items that could not be read.' })
  readonly rejections!: readonly RejectedItemResponse[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why the request was rejected, or why it failed authentication. Null if it was accepted.',
  })
  readonly reason!: string | null;

  @ApiProperty({
    description: 'Whether the body is stored. It is not if the request contained no new event and no rejected item.',
  })
  readonly hasBody!: boolean;
}

@ApiSchema({ name: 'DeliveryDetails' })
export class DeliveryDetailsResponse extends DeliveryResponse implements DeliveryDetails {
  @ApiProperty({ type: String, nullable: true })
  readonly contentType!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The body as UTF-8 text, up to 1 MiB. Null if it is not stored.',
  })
  readonly body!: string | null;

  @ApiProperty({ description: 'Whether `body` contains only the beginning of the body.' })
  readonly truncated!: boolean;
}

export class DeliveryPage implements Page<Delivery> {
  @ApiProperty({ type: [DeliveryResponse] })
  readonly data!: readonly DeliveryResponse[];

  @ApiProperty(NEXT_CURSOR)
  readonly nextCursor!: string | null;
}

@ApiSchema({ name: 'ReprocessingJob' })
export class ReprocessingJobResponse implements ReprocessingJob {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ enum: ['pending', 'running', 'completed', 'canceled'] })
  readonly state!: ReprocessingState;

  @ApiProperty({ type: 'integer', nullable: true, description: 'The number of deliveries. Null for a job by time.' })
  readonly total!: number | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'The earliest time of receipt. Null for a job by ID.',
  })
  readonly from!: Date | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'The latest time of receipt. Null for a job by ID.',
  })
  readonly to!: Date | null;

  @ApiProperty({ type: 'integer', description: 'The number of deliveries that are done.' })
  readonly processed!: number;

  @ApiProperty({ type: 'integer', description: 'The number of deliveries that were accepted.' })
  readonly accepted!: number;

  @ApiProperty({ type: 'integer', description: 'The number of deliveries that could still not be accepted.' })
  readonly failed!: number;

  @ApiProperty({ type: 'integer', description: 'The number of events that are new.' })
  readonly events!: number;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: Date;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly endedAt!: Date | null;
}

export class ReprocessingJobList {
  @ApiProperty({ type: [ReprocessingJobResponse] })
  readonly data!: readonly ReprocessingJobResponse[];
}

/** Which deliveries to list. */
export class DeliveryListQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: DELIVERY_STATUSES,
    isArray: true,
    description: 'Return only deliveries with one of these statuses, separated by commas.',
  })
  @IsOptional()
  @IsSomeOf(DELIVERY_STATUSES)
  readonly status?: readonly DeliveryStatus[];

  @ApiPropertyOptional(CURSOR)
  @IsOptional()
  @IsCursor(decodeDeliveryCursor)
  readonly cursor?: string;
}
