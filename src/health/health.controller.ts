import { ConnectionsModule, ReadinessService } from '@score-crm/connections';
import { Public } from '@score-crm/connections-http';
import { Controller, Get, Header, Module, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ServedDuring } from '../lifecycle/lifecycle.ts';
import { Live, Ready } from './health.dto.ts';

@ApiTags('Health')
@Public()
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(private readonly readiness: ReadinessService) {}

  @Get('live')
  @Header('Cache-Control', 'no-store')
  @ServedDuring('starting', 'serving', 'stopping')
  @ApiOperation({ summary: 'Check whether the process is running', operationId: 'getLiveness' })
  @ApiOkResponse({ type: Live })
  live(): Live {
    return { status: 'ok' };
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  @ServedDuring('serving')
  @ApiOperation({ summary: 'Check whether the service can process requests', operationId: 'getReadiness' })
  @ApiOkResponse({ type: Ready })
  @ApiServiceUnavailableResponse({ type: Ready })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Ready> {
    const ready = await this.readiness.check();
    if (ready.status === 'unavailable') void reply.code(503);
    return ready;
  }
}

@Module({ imports: [ConnectionsModule], controllers: [HealthController] })
export class HealthModule {}
