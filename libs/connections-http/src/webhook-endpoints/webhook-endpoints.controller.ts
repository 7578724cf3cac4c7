import {
  type CreateWebhookEndpointInput,
  MESSAGE_STATES,
  type ReplayMessagesInput,
  type UpdateWebhookEndpointInput,
  WebhookEndpointsService,
  WebhookMessagesService,
} from '@score-crm/connections';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, Requires } from '../callers/caller.ts';
import { type HttpRequest, type HttpResponse, pathOf } from '../http/messages.ts';
import { ExpectedVersion, IF_MATCH, IF_NONE_MATCH, unlessUnchanged, withETag } from '../connections/entity-tag.ts';
import {
  NewWebhookEndpointResponse,
  WebhookEndpointList,
  WebhookEndpointResponse,
  WebhookMessagePage,
  WebhookMessageQuery,
  WebhookMessageResponse,
  WebhookReplayResponse,
} from './webhook-endpoint.dto.ts';

const RESOURCE = 'webhook endpoint';

@ApiTags('Outgoing webhooks')
@ApiRoutes()
@Controller('webhook-endpoints')
export class WebhookEndpointsController {
  constructor(
    private readonly endpoints: WebhookEndpointsService,
    private readonly messages: WebhookMessagesService,
  ) {}

  @Post()
  @Requires('manage')
  @ApiOperation({
    summary: 'Create a webhook endpoint',
    description:
      'The endpoint receives the events of your organization from now on, signed as Standard Webhooks defines it. The response contains the secret, which is not shown again.',
    operationId: 'createWebhookEndpoint',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/CreateWebhookEndpoint' } })
  @ApiCreatedResponse({ type: NewWebhookEndpointResponse })
  async create(
    @CurrentCaller() caller: ApiCaller,
    @Body() body: CreateWebhookEndpointInput,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<NewWebhookEndpointResponse> {
    const endpoint = await this.endpoints.create(caller, body);
    response.header('location', `${pathOf(request)}/${endpoint.id}`);
    return endpoint;
  }

  @Get()
  @Requires('manage')
  @ApiOperation({ summary: 'List webhook endpoints, oldest first', operationId: 'listWebhookEndpoints' })
  @ApiOkResponse({ type: WebhookEndpointList })
  async list(@CurrentCaller() caller: ApiCaller): Promise<WebhookEndpointList> {
    return { data: await this.endpoints.list(caller) };
  }

  @Get(':id')
  @Requires('manage')
  @ApiOperation({ summary: 'Get a webhook endpoint', operationId: 'getWebhookEndpoint' })
  @ApiHeader(IF_NONE_MATCH(RESOURCE))
  @ApiOkResponse({ type: WebhookEndpointResponse })
  async get(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<WebhookEndpointResponse | undefined> {
    return unlessUnchanged(request, response, await this.endpoints.get(caller, id));
  }

  @Patch(':id')
  @Requires('manage')
  @ApiOperation({
    summary: 'Update a webhook endpoint',
    description:
      'Omitted fields keep their value; `null` clears a field. A disabled endpoint that is enabled again receives the events since it was disabled, as far as they are stored.',
    operationId: 'updateWebhookEndpoint',
  })
  @ApiHeader(IF_MATCH(RESOURCE))
  @ApiBody({ schema: { $ref: '#/components/schemas/UpdateWebhookEndpoint' } })
  @ApiOkResponse({ type: WebhookEndpointResponse })
  async update(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @ExpectedVersion() expectedVersion: number | undefined,
    @Body() body: UpdateWebhookEndpointInput,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<WebhookEndpointResponse> {
    return withETag(response, await this.endpoints.update(caller, id, body, expectedVersion));
  }

  @Delete(':id')
  @HttpCode(204)
  @Requires('manage')
  @ApiOperation({
    summary: 'Delete a webhook endpoint',
    description: 'Messages that are waiting are not sent.',
    operationId: 'deleteWebhookEndpoint',
  })
  @ApiHeader(IF_MATCH(RESOURCE))
  @ApiNoContentResponse()
  async delete(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<void> {
    await this.endpoints.delete(caller, id, expectedVersion);
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({
    summary: 'Replace the secret of a webhook endpoint',
    description:
      'The response contains the new secret, which is not shown again. For 24 hours, messages are also signed with the previous secret.',
    operationId: 'rotateWebhookSecret',
  })
  @ApiOkResponse({ type: NewWebhookEndpointResponse })
  async rotateSecret(@CurrentCaller() caller: ApiCaller, @Param('id') id: string): Promise<NewWebhookEndpointResponse> {
    return this.endpoints.rotateSecret(caller, id);
  }

  @Post(':id/test')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({
    summary: 'Send a test message to a webhook endpoint',
    description:
      'Sends a message of the type `webhook.test` without events, also to a disabled endpoint, and returns it with its attempt. It is not repeated if it fails.',
    operationId: 'testWebhookEndpoint',
  })
  @ApiOkResponse({ type: WebhookMessageResponse })
  async test(@CurrentCaller() caller: ApiCaller, @Param('id') id: string): Promise<WebhookMessageResponse> {
    return this.messages.test(caller, id);
  }

  @Post(':id/replay')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({
    summary: 'Send the messages of a time again',
    description: 'Messages keep their `webhook-id`, so that receivers can recognize those that they have processed.',
    operationId: 'replayWebhookMessages',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/ReplayWebhookMessages' } })
  @ApiOkResponse({ type: WebhookReplayResponse })
  async replayAll(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Body() body: ReplayMessagesInput,
  ): Promise<WebhookReplayResponse> {
    return this.messages.replayAll(caller, id, body);
  }

  @Get(':id/messages')
  @Requires('manage')
  @ApiOperation({
    summary: 'List the messages of a webhook endpoint, newest first',
    description: 'Returns messages with their attempts, but without their events. Messages are kept for 30 days.',
    operationId: 'listWebhookMessages',
  })
  @ApiQuery({ name: 'state', required: false, explode: false, style: 'form', enum: MESSAGE_STATES, isArray: true })
  @ApiOkResponse({ type: WebhookMessagePage })
  async listMessages(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Query() query: WebhookMessageQuery,
  ): Promise<WebhookMessagePage> {
    return this.messages.list(caller, id, query);
  }

  @Get(':id/messages/:messageId')
  @Requires('manage')
  @ApiOperation({ summary: 'Get a message with its attempts', operationId: 'getWebhookMessage' })
  @ApiOkResponse({ type: WebhookMessageResponse })
  async getMessage(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Param('messageId') messageId: string,
  ): Promise<WebhookMessageResponse> {
    return this.messages.get(caller, id, messageId);
  }

  @Post(':id/messages/:messageId/replay')
  @HttpCode(202)
  @Requires('manage')
  @ApiOperation({
    summary: 'Send a message again',
    description: 'Sends it with its `webhook-id`, and repeats it if it fails, as it does with a new message.',
    operationId: 'replayWebhookMessage',
  })
  @ApiAcceptedResponse({ type: WebhookMessageResponse })
  async replay(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Param('messageId') messageId: string,
  ): Promise<WebhookMessageResponse> {
    return this.messages.replay(caller, id, messageId);
  }
}
