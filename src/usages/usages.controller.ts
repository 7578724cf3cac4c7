import { USAGE_CONSUMERS, UsagesService } from '@score-crm/connections';
import { applyDecorators, Body, Controller, Delete, Get, HttpCode, Param, Put, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, type Principal } from '../auth/principal.ts';
import { Requires } from '../auth/requires.decorator.ts';
import { Problem } from '../problems/problem.ts';
import { ClaimUsage, UsageList, UsageResponse } from './usage.dto.ts';

const PATH = ':consumer/:ref';

/** The parameters that name one usage. */
function ApiUsageParams(): MethodDecorator {
  return applyDecorators(
    ApiParam({ name: 'consumer', enum: USAGE_CONSUMERS }),
    ApiParam({
      name: 'ref',
      description: 'The consumer’s own id of the campaign or journey; visible ASCII characters without a slash.',
      schema: { type: 'string', minLength: 1, maxLength: 64 },
    }),
  );
}

@ApiTags('usages')
@Controller('connections/:id/usages')
export class UsagesController {
  constructor(private readonly usages: UsagesService) {}

  @Get()
  @Requires('read')
  @ApiOperation({
    summary: 'The campaigns and journeys that use a connection, newest first',
    operationId: 'listUsages',
  })
  @ApiOkResponse({ type: UsageList })
  @ApiNotFoundResponse({ type: Problem })
  async list(@CurrentPrincipal() caller: Principal, @Param('id') id: string): Promise<UsageList> {
    return { data: await this.usages.list(caller, id) };
  }

  @Put(PATH)
  @Requires('send')
  @ApiOperation({
    summary: 'Claim a connection for a campaign or journey, or say how far that is',
    operationId: 'claimConnection',
  })
  @ApiUsageParams()
  @ApiBody({ type: ClaimUsage })
  @ApiOkResponse({ type: UsageResponse, description: 'It was claimed before.' })
  @ApiCreatedResponse({ type: UsageResponse })
  @ApiNotFoundResponse({ type: Problem })
  @ApiConflictResponse({ type: Problem, description: 'The connection has as many usages as one may have.' })
  @ApiUnprocessableEntityResponse({ type: Problem })
  async claim(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Param('consumer') consumer: string,
    @Param('ref') ref: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UsageResponse> {
    const { usage, created } = await this.usages.claim(caller, id, consumer, ref, body);
    void reply.code(created ? 201 : 200);
    return usage;
  }

  @Delete(PATH)
  @HttpCode(204)
  @Requires('send')
  @ApiOperation({
    summary: 'Release a connection: the campaign or journey uses it no longer',
    operationId: 'releaseConnection',
  })
  @ApiUsageParams()
  @ApiNoContentResponse({ description: 'Also if it was not claimed.' })
  @ApiNotFoundResponse({ type: Problem })
  @ApiUnprocessableEntityResponse({ type: Problem })
  async release(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Param('consumer') consumer: string,
    @Param('ref') ref: string,
  ): Promise<void> {
    await this.usages.release(caller, id, consumer, ref);
  }
}
