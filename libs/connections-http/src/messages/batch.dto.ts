import { ApiExtraModels, ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { SentMessageResponse } from '../connections/connection-test.dto.ts';
import { ProblemBody } from '../problems/problem.dto.ts';

@ApiSchema({ name: 'BatchProblem' })
export class BatchProblem extends ProblemBody {
  @ApiPropertyOptional({
    type: 'integer',
    description:
      'After how many seconds the message may be sent again, like the header `Retry-After` of a single message.',
  })
  readonly retryAfter?: number;
}

@ApiSchema({ name: 'BatchOutcome' })
@ApiExtraModels(BatchProblem)
export class BatchOutcomeResponse {
  @ApiProperty({ type: 'integer', description: 'The position of the message in your list, from 0.' })
  readonly index!: number;

  @ApiPropertyOptional({
    type: SentMessageResponse,
    description: 'The vendor accepted the message for at least one recipient.',
  })
  readonly message?: SentMessageResponse;

  @ApiPropertyOptional({
    enum: [true],
    description: 'This is the result of an earlier request with the same idempotency key.',
  })
  readonly replayed?: true;

  @ApiPropertyOptional({
    type: BatchProblem,
    description:
      'Why the message was not sent: the error that sending it alone would return. Pointers are relative to the message.',
  })
  readonly problem?: BatchProblem;
}

export class BatchOutcomeList {
  @ApiProperty({
    type: [BatchOutcomeResponse],
    description: 'One outcome for each message, in the order of your list.',
  })
  readonly data!: readonly BatchOutcomeResponse[];
}
