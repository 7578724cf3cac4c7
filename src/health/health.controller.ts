import { KeyHealthService } from '@score-crm/connections';
import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/requires.decorator.ts';
import { Live, Ready } from './health.dto.ts';

@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly keys: KeyHealthService) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process runs', operationId: 'live' })
  @ApiOkResponse({ type: Live })
  live(): Live {
    return { status: 'ok' };
  }

  /** Not ready without the database, nor when no sealed connection can be opened; degraded when some cannot. */
  @Get('ready')
  @ApiOperation({ summary: 'Whether requests can be served', operationId: 'ready' })
  @ApiOkResponse({ type: Ready })
  @ApiServiceUnavailableResponse({ type: Ready })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Ready> {
    const ready = await this.look();
    if (ready.status === 'unavailable') void reply.code(503);
    return ready;
  }

  private async look(): Promise<Ready> {
    try {
      const { sealed, unreadable } = await this.keys.check();
      const none = sealed > 0 && unreadable.count === sealed;
      return {
        status: none ? 'unavailable' : unreadable.count > 0 ? 'degraded' : 'ok',
        database: 'up',
        unreadableConnections: { count: unreadable.count, ids: unreadable.ids },
      };
    } catch {
      return { status: 'unavailable', database: 'down' };
    }
  }
}
