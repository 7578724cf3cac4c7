import { WebhookRegistrationService, WebhooksService } from '@score-crm/connections';
import { applyDecorators, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiBadGatewayResponse,
  ApiConflictResponse,
  ApiGatewayTimeoutResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '../auth/principal.ts';
import { Requires } from '../auth/requires.decorator.ts';
import { includesScope } from '../auth/scope.ts';
import { Problem } from '../problems/problem.ts';
import { WebhookRegistrationStatusResponse, WebhookResponse } from './connection-webhook.dto.ts';

const REFUSED = 'The vendor rejected it, or has no API for webhooks. `error` has the cause.';

/** What the vendor's part in it may bring. */
const AskingTheVendor = () =>
  applyDecorators(
    ApiUnprocessableEntityResponse({ type: Problem, description: REFUSED }),
    ApiTooManyRequestsResponse({ type: Problem, description: 'Vendor rate limit or quota exceeded.' }),
    ApiBadGatewayResponse({ type: Problem, description: 'Permanent vendor error.' }),
    ApiServiceUnavailableResponse({ type: Problem, description: 'Temporary vendor error.' }),
    ApiGatewayTimeoutResponse({ type: Problem, description: 'Vendor timeout.' }),
  );
const BUSY = 'It is being set up or removed at this moment.';

@ApiTags('webhooks')
@Controller('connections/:id/webhook')
export class ConnectionWebhookController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly registrations: WebhookRegistrationService,
  ) {}

  @Get()
  @Requires('read')
  @ApiOperation({
    summary: 'The webhook of a connection: its address, state and setupInstructions',
    operationId: 'getWebhook',
  })
  @ApiOkResponse({ type: WebhookResponse })
  @ApiNotFoundResponse({ type: Problem })
  async get(@CurrentPrincipal() caller: Principal, @Param('id') id: string): Promise<WebhookResponse> {
    return this.webhooks.get(caller, id, includesScope(caller.scope, 'manage'));
  }

  @Get('registration')
  @Requires('read')
  @ApiOperation({ summary: 'Ask the vendor what is set up there', operationId: 'getWebhookRegistration' })
  @ApiOkResponse({ type: WebhookRegistrationStatusResponse })
  @ApiNotFoundResponse({ type: Problem })
  @AskingTheVendor()
  async status(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
  ): Promise<WebhookRegistrationStatusResponse> {
    const status = await this.registrations.status(caller, id);
    const { state, drift = [], lastDeliveredAt = null, lastFailedAt = null } = status;
    return { state, drift, lastDeliveredAt, lastFailedAt };
  }

  @Post('registration')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({ summary: 'Set the webhook up at the vendor', operationId: 'registerWebhook' })
  @ApiOkResponse({ type: WebhookResponse })
  @ApiNotFoundResponse({ type: Problem })
  @ApiConflictResponse({ type: Problem, description: BUSY })
  @AskingTheVendor()
  async register(@CurrentPrincipal() caller: Principal, @Param('id') id: string): Promise<WebhookResponse> {
    await this.registrations.register(caller, id);
    return this.webhooks.get(caller, id, true);
  }

  @Delete('registration')
  @HttpCode(204)
  @Requires('manage')
  @ApiOperation({ summary: 'Remove the webhook at the vendor', operationId: 'unregisterWebhook' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ type: Problem })
  @ApiConflictResponse({ type: Problem, description: BUSY })
  @AskingTheVendor()
  async unregister(@CurrentPrincipal() caller: Principal, @Param('id') id: string): Promise<void> {
    await this.registrations.unregister(caller, id);
  }
}
