import { ConnectionsModule, DeliveriesService, DELIVERY_STATUSES } from '@score-crm/connections';
import { Controller, Get, Module, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal } from '../auth/bearer.guard.ts';
import { type Principal, Requires } from '../auth/principal.ts';
import { DeliveryDetailsResponse, DeliveryListQuery, DeliveryPage } from './delivery.dto.ts';

@ApiTags('Webhooks')
@Controller('connections/:id/deliveries')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Get()
  @Requires('read')
  @ApiOperation({
    summary: 'List the webhook requests of a connection',
    description:
      'Returns the requests that the webhook of the connection received, newest first, without their bodies.',
    operationId: 'listDeliveries',
  })
  @ApiQuery({ name: 'status', required: false, explode: false, style: 'form', enum: DELIVERY_STATUSES, isArray: true })
  @ApiOkResponse({ type: DeliveryPage })
  async list(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Query() query: DeliveryListQuery,
  ): Promise<DeliveryPage> {
    return this.deliveries.list(caller, id, query);
  }

  @Get(':deliveryId')
  @Requires('manage')
  @ApiOperation({ summary: 'Get a webhook request with its body', operationId: 'getDelivery' })
  @ApiOkResponse({ type: DeliveryDetailsResponse })
  async get(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Param('deliveryId') deliveryId: string,
  ): Promise<DeliveryDetailsResponse> {
    return this.deliveries.get(caller, id, deliveryId);
  }
}

@Module({ imports: [ConnectionsModule], controllers: [DeliveriesController] })
export class DeliveriesModule {}
