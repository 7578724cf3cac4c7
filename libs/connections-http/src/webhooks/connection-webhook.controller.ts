import {
  WebhookHealthService,
  WebhookRegistrationService,
  WebhookSampleService,
  WebhooksService,
} from '@score-crm/connections';
import { Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, includesScope, Requires } from '../callers/caller.ts';
import { type ConnectionsHttpOptions, HTTP_OPTIONS } from '../options/connections-http.options.ts';
import {
  WebhookHealthResponse,
  WebhookLogResponse,
  WebhookRegistrationStatusResponse,
  WebhookResponse,
  WebhookSampleResponse,
} from './webhook.dto.ts';

@ApiTags('Webhooks')
@ApiRoutes()
@Controller('connections/:id/webhook')
export class ConnectionWebhookController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly registrations: WebhookRegistrationService,
    private readonly samples: WebhookSampleService,
    private readonly healths: WebhookHealthService,
    @Inject(HTTP_OPTIONS) private readonly options: ConnectionsHttpOptions,
  ) {}

  @Get()
  @Requires('read')
  @ApiOperation({
    summary: 'Get the webhook of a connection',
    description: 'Returns its address, its state and how to set it up at the vendor.',
    operationId: 'getWebhook',
  })
  @ApiOkResponse({ type: WebhookResponse })
  async get(@CurrentCaller() caller: ApiCaller, @Param('id') id: string): Promise<WebhookResponse> {
    return this.webhooks.get(caller, id, includesScope(caller.scope, 'manage'));
  }

  @Get('health')
  @Requires('read')
  @ApiOperation({
    summary: 'Get the health of the webhook',
    description:
      'Returns whether the events of the vendor arrive, since when, why not, the numbers of requests of the last 24 hours, and the last changes. The service checks all webhooks once a minute.',
    operationId: 'getWebhookHealth',
  })
  @ApiOkResponse({ type: WebhookHealthResponse })
  async health(@CurrentCaller() caller: ApiCaller, @Param('id') id: string): Promise<WebhookHealthResponse> {
    return this.healths.get(caller, id);
  }

  @Post('sample')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({
    summary: 'Send sample events through the webhook',
    description:
      'Composes events as the vendor would post them (delivered, bounced and opened), authenticates them with the secrets of the connection, and posts them to its webhook within the service. The events are stored with the attribution `test`, and are not counted. `notExercised` lists what this does not show.',
    operationId: 'sendWebhookSample',
  })
  @ApiOkResponse({ type: WebhookSampleResponse })
  async sample(@CurrentCaller() caller: ApiCaller, @Param('id') id: string): Promise<WebhookSampleResponse> {
    return this.samples.send(caller, id, this.options.postSample);
  }

  @Get('registration')
  @Requires('read')
  @ApiOperation({
    summary: 'Check the webhook at the vendor',
    description: 'Asks the vendor’s API whether the webhook is set up, and whether its configuration is up to date.',
    operationId: 'getWebhookRegistration',
  })
  @ApiOkResponse({ type: WebhookRegistrationStatusResponse })
  async status(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
  ): Promise<WebhookRegistrationStatusResponse> {
    const status = await this.registrations.status(caller, id);
    const { state, drift = [], lastDeliveredAt = null, lastFailedAt = null } = status;
    return { state, drift, lastDeliveredAt, lastFailedAt };
  }

  @Get('log')
  @Requires('read')
  @ApiOperation({
    summary: 'Get the vendor’s log of the webhook',
    description:
      'Asks the vendor’s API for its own log of the requests that it posted to the webhook. It shows requests that never reached the service. SparkPost lists up to 100 batches of the last 24 hours that failed or had to be repeated; SMTP.com the last 20 requests of the channel, including those to other systems. The other vendors have no such log: 422 `webhook_log_unsupported`, and `registration.hasLog` of the webhook is false.',
    operationId: 'getWebhookLog',
  })
  @ApiOkResponse({ type: WebhookLogResponse })
  async log(@CurrentCaller() caller: ApiCaller, @Param('id') id: string): Promise<WebhookLogResponse> {
    const data = (await this.registrations.log(caller, id)).map(
      ({ status = null, attempts = null, durationMs = null, requestId = null, message = null, ...entry }) => {
        return { ...entry, status, attempts, durationMs, requestId, message };
      },
    );
    return { data };
  }

  @Post('registration')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({
    summary: 'Set up the webhook at the vendor',
    description: 'Creates the webhook through the vendor’s API, or updates the one that the service created before.',
    operationId: 'registerWebhook',
  })
  @ApiOkResponse({ type: WebhookResponse })
  async register(@CurrentCaller() caller: ApiCaller, @Param('id') id: string): Promise<WebhookResponse> {
    await this.registrations.register(caller, id);
    return this.webhooks.get(caller, id, true);
  }

  @Delete('registration')
  @HttpCode(204)
  @Requires('manage')
  @ApiOperation({ summary: 'Remove the webhook from the vendor', operationId: 'unregisterWebhook' })
  @ApiNoContentResponse()
  async unregister(@CurrentCaller() caller: ApiCaller, @Param('id') id: string): Promise<void> {
    await this.registrations.unregister(caller, id);
  }
}
