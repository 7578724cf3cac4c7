import {
  type ConsumerState,
  ConsumerNotFoundError,
  ConsumersService,
  positionText,
  type SeekConsumerInput,
} from '@score-crm/connections';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, Requires } from '../callers/caller.ts';
import { type ConnectionsHttpOptions, HTTP_OPTIONS } from '../options/connections-http.options.ts';
import { ConsumerList, ConsumerResponse, DeadLetterList, DeadLetterQuery, ReplayResponse } from './consumer.dto.ts';

/** The consumers of the feed, which read the events of all organizations: only for the operator. */
@ApiTags('Consumers')
@ApiRoutes()
@Controller('consumers')
export class ConsumersController {
  constructor(
    @Inject(HTTP_OPTIONS) private readonly options: ConnectionsHttpOptions,
    private readonly consumers: ConsumersService,
  ) {}

  @Get()
  @Requires('manage')
  @ApiOperation({
    summary: 'List the consumers of the feed',
    description:
      'What reads the events of all organizations: subscribers of applications, RabbitMQ, outgoing webhooks and projections. The list is empty for organizations other than the operator’s (`OPERATOR_ORGANIZATION`).',
    operationId: 'listConsumers',
  })
  @ApiOkResponse({ type: ConsumerList })
  async list(@CurrentCaller() caller: ApiCaller): Promise<ConsumerList> {
    return { data: this.isOperator(caller) ? (await this.consumers.list()).map(responseOf) : [] };
  }

  @Post(':name/pause')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({ summary: 'Pause a consumer', description: 'It keeps its position.', operationId: 'pauseConsumer' })
  @ApiOkResponse({ type: ConsumerResponse })
  async pause(@CurrentCaller() caller: ApiCaller, @Param('name') name: string): Promise<ConsumerResponse> {
    return this.change(caller, name, () => this.consumers.pause(name));
  }

  @Post(':name/resume')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({ summary: 'Resume a paused consumer', operationId: 'resumeConsumer' })
  @ApiOkResponse({ type: ConsumerResponse })
  async resume(@CurrentCaller() caller: ApiCaller, @Param('name') name: string): Promise<ConsumerResponse> {
    return this.change(caller, name, () => this.consumers.resume(name));
  }

  @Post(':name/seek')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({
    summary: 'Move a consumer',
    description:
      'It gets the events after the position, again if it already had them. A projection cannot be moved, because it would count events twice.',
    operationId: 'seekConsumer',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/SeekConsumer' } })
  @ApiOkResponse({ type: ConsumerResponse })
  async seek(
    @CurrentCaller() caller: ApiCaller,
    @Param('name') name: string,
    @Body() body: SeekConsumerInput,
  ): Promise<ConsumerResponse> {
    return this.change(caller, name, () => this.consumers.seekTo(name, body));
  }

  @Get(':name/dead-letters')
  @Requires('manage')
  @ApiOperation({
    summary: 'List the events that a consumer could not process',
    description: 'Returns up to 100, the oldest first.',
    operationId: 'listDeadLetters',
  })
  @ApiOkResponse({ type: DeadLetterList })
  async deadLetters(
    @CurrentCaller() caller: ApiCaller,
    @Param('name') name: string,
    @Query() { after }: DeadLetterQuery,
  ): Promise<DeadLetterList> {
    this.assertOperator(caller);
    await this.consumers.get(name);
    const letters = await this.consumers.listDeadLetters(name, after);
    return { data: letters.map((letter) => ({ ...letter, position: positionText(letter.position) })) };
  }

  @Post(':name/dead-letters/:letterId/replay')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({
    summary: 'Hand an event to its consumer again',
    description: 'If the consumer succeeds, the dead letter is deleted.',
    operationId: 'replayDeadLetter',
  })
  @ApiOkResponse({ type: ReplayResponse })
  async replay(
    @CurrentCaller() caller: ApiCaller,
    @Param('name') name: string,
    @Param('letterId') letterId: string,
  ): Promise<ReplayResponse> {
    this.assertOperator(caller);
    return { error: await this.consumers.replay(name, letterId) };
  }

  private async change(caller: ApiCaller, name: string, work: () => Promise<void>): Promise<ConsumerResponse> {
    this.assertOperator(caller);
    await work();
    return responseOf(await this.consumers.get(name));
  }

  /** As if it did not exist, like everything that belongs to another organization. */
  private assertOperator(caller: ApiCaller): void {
    if (!this.isOperator(caller)) throw new ConsumerNotFoundError('Consumer');
  }

  private isOperator({ organization }: ApiCaller): boolean {
    return organization === this.options.operatorOrganization;
  }
}

function responseOf({ position, ...state }: ConsumerState): ConsumerResponse {
  return { ...state, position: positionText(position) };
}
