import {
  LAUNCH_PROBLEM_CODES,
  LaunchCheck,
  type LaunchCheckInput,
  type LaunchProblem,
  type LaunchProblemCode,
  type LaunchReadiness,
} from '@score-crm/connections';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiProperty, ApiSchema, ApiTags } from '@nestjs/swagger';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, ForRestrictedCallers, Requires } from '../callers/caller.ts';

@ApiSchema({ name: 'LaunchProblem' })
export class LaunchProblemResponse implements LaunchProblem {
  @ApiProperty({ enum: LAUNCH_PROBLEM_CODES, description: 'A stable code.' })
  readonly code!: LaunchProblemCode;

  @ApiProperty({ enum: ['error', 'warning'], description: 'An error prevents the launch; a warning does not.' })
  readonly severity!: 'error' | 'warning';

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The ID of the connection that the problem is about. Null if it is about all connections.',
  })
  readonly connectionId!: string | null;

  @ApiProperty({ description: 'What is wrong, and what to do.' })
  readonly message!: string;
}

@ApiSchema({ name: 'LaunchReadiness' })
export class LaunchReadinessResponse implements LaunchReadiness {
  @ApiProperty({ description: 'Whether the campaign or journey can be launched: no problem is an error.' })
  readonly ready!: boolean;

  @ApiProperty({ type: [LaunchProblemResponse], description: 'What to fix before the launch.' })
  readonly problems!: readonly LaunchProblemResponse[];
}

@ApiTags('Usages')
@ApiRoutes()
@Controller('launch-check')
export class LaunchCheckController {
  constructor(private readonly check: LaunchCheck) {}

  @Post()
  @HttpCode(200)
  @ForRestrictedCallers()
  @Requires('send')
  @ApiOperation({
    summary: 'Check whether a campaign or journey can be launched',
    description:
      'Contacts no vendor: the results of the last connection tests count. Claim the connections when you launch; a claim also keeps them from being deleted or disabled afterwards.',
    operationId: 'checkLaunch',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/CheckLaunch' }, required: false })
  @ApiOkResponse({ type: LaunchReadinessResponse })
  async run(
    @CurrentCaller() caller: ApiCaller,
    // Undefined for a request without a body.
    @Body() body: LaunchCheckInput | undefined,
  ): Promise<LaunchReadinessResponse> {
    return this.check.run(caller, body, caller.connectionIds ?? undefined);
  }
}
