import { DeliveriesService, DELIVERY_STATUSES, type ReprocessInput, ReprocessingService } from '@score-crm/connections';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, Requires } from '../callers/caller.ts';
import {
  DeliveryDetailsResponse,
  DeliveryListQuery,
  DeliveryPage,
  ReprocessingJobList,
  ReprocessingJobResponse,
} from './delivery.dto.ts';

@ApiTags('Webhooks')
@ApiRoutes()
@Controller('connections/:id/deliveries')
export class DeliveriesController {
  constructor(
    private readonly deliveries: DeliveriesService,
    private readonly reprocessing: ReprocessingService,
  ) {}

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
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Query() query: DeliveryListQuery,
  ): Promise<DeliveryPage> {
    return this.deliveries.list(caller, id, query);
  }

  @Post('reprocess')
  @HttpCode(202)
  @Requires('manage')
  @ApiOperation({
    summary: 'Process rejected webhook requests again',
    description:
      'Starts a job that parses the stored bodies with the current version of the adapter and stores the events that are new. Unauthenticated requests are authenticated again first, if they are stored as a whole with their headers.',
    operationId: 'reprocessDeliveries',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/ReprocessDeliveries' } })
  @ApiAcceptedResponse({ type: ReprocessingJobResponse })
  async reprocess(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Body() body: ReprocessInput,
  ): Promise<ReprocessingJobResponse> {
    return this.reprocessing.create(caller, id, body);
  }

  @Get('reprocess')
  @Requires('manage')
  @ApiOperation({ summary: 'List the last 20 re-processing jobs of a connection', operationId: 'listReprocessingJobs' })
  @ApiOkResponse({ type: ReprocessingJobList })
  async jobs(@CurrentCaller() caller: ApiCaller, @Param('id') id: string): Promise<ReprocessingJobList> {
    return { data: await this.reprocessing.list(caller, id) };
  }

  @Get('reprocess/:jobId')
  @Requires('manage')
  @ApiOperation({ summary: 'Get a re-processing job', operationId: 'getReprocessingJob' })
  @ApiOkResponse({ type: ReprocessingJobResponse })
  async job(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Param('jobId') jobId: string,
  ): Promise<ReprocessingJobResponse> {
    return this.reprocessing.get(caller, id, jobId);
  }

  @Post('reprocess/:jobId/cancel')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({
    summary: 'Cancel a re-processing job',
    description: 'Stops after the request in progress. A job that has ended stays as it is.',
    operationId: 'cancelReprocessing',
  })
  @ApiOkResponse({ type: ReprocessingJobResponse })
  async cancel(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Param('jobId') jobId: string,
  ): Promise<ReprocessingJobResponse> {
    return this.reprocessing.cancel(caller, id, jobId);
  }

  @Post('reprocess/:jobId/resume')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({ summary: 'Resume a canceled re-processing job', operationId: 'resumeReprocessing' })
  @ApiOkResponse({ type: ReprocessingJobResponse })
  async resume(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Param('jobId') jobId: string,
  ): Promise<ReprocessingJobResponse> {
    return this.reprocessing.resume(caller, id, jobId);
  }

  @Get(':deliveryId')
  @Requires('manage')
  @ApiOperation({ summary: 'Get a webhook request with its body', operationId: 'getDelivery' })
  @ApiOkResponse({ type: DeliveryDetailsResponse })
  async get(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Param('deliveryId') deliveryId: string,
  ): Promise<DeliveryDetailsResponse> {
    return this.deliveries.get(caller, id, deliveryId);
  }
}
