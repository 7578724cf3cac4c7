import {
  ConnectionsModule,
  type ConsumerState,
  ConsumerNotFoundError,
  ConsumersService,
  positionText,
  type SeekConsumerInput,
} from '@score-crm/connections';
import { Body, Controller, Get, HttpCode, Inject, Module, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal } from '../auth/bearer.guard.ts';
import { type Principal, Requires } from '../auth/principal.ts';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { ConsumerList, ConsumerResponse, DeadLetterList, DeadLetterQuery, ReplayResponse } from './consumer.dto.ts';

/** The consumers of the feed, which read the events of all organizations: only for the operator. */
@ApiTags('Consumers')
@Controller('consumers')
export class ConsumersController {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
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
  async list(@CurrentPrincipal() caller: Principal): Promise<ConsumerList> {
    return { data: this.isOperator(caller) ? (await this.consumers.list()).map(responseOf) : [] };
  }

  @Post(':name/pause')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({ summary: 'Pause a consumer', description: 'It keeps its position.', operationId: 'pauseConsumer' })
  @ApiOkResponse({ type: ConsumerResponse })
  async pause(@CurrentPrincipal() caller: Principal, @Param('name') name: string): Promise<ConsumerResponse> {
    return this.change(caller, name, () => this.consumers.pause(name));
  }

  @Post(':name/resume')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({ summary: 'Resume a paused consumer', operationId: 'resumeConsumer' })
  @ApiOkResponse({ type: ConsumerResponse })
  async resume(@CurrentPrincipal() caller: Principal, @Param('name') name: string): Promise<ConsumerResponse> {
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
    @CurrentPrincipal() caller: Principal,
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
    @CurrentPrincipal() caller: Principal,
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
    @CurrentPrincipal() caller: Principal,
    @Param('name') name: string,
    @Param('letterId') letterId: string,
  ): Promise<ReplayResponse> {
    this.assertOperator(caller);
    return { error: await this.consumers.replay(name, letterId) };
  }

  private async change(caller: Principal, name: string, work: () => Promise<void>): Promise<ConsumerResponse> {
    this.assertOperator(caller);
    await work();
    return responseOf(await this.consumers.get(name));
  }

  /** As if it did not exist, like everything that belongs to another organization. */
  private assertOperator(caller: Principal): void {
    if (!this.isOperator(caller)) throw new ConsumerNotFoundError('Consumer');
  }

  private isOperator({ organization }: Principal): boolean {
    return organization === this.configuration.operatorOrganization;
  }
}

function responseOf({ position, ...state }: ConsumerState): ConsumerResponse {
  return { ...state, position: positionText(position) };
}

@Module({ imports: [ConnectionsModule], controllers: [ConsumersController] })
export class ConsumersModule {}
