import { ConnectionsModule, DEFAULT_DATABASE_TIMEOUT_MS, KeyHealthService, UnitOfWork } from '@score-crm/connections';
import { Public } from '@score-crm/connections-http';
import { Controller, Get, Header, Inject, Module, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { ServedDuring } from '../lifecycle/lifecycle.ts';
import { Live, Ready } from './health.dto.ts';

/** How long a result is reused unless the state changes. The route is public, so it may be called very often. */
const CACHE_MS = 500;
/** The longest time that a write may wait for the database before the service is unavailable. */
const STUCK_MS = 5_000;
/** The same as a share of a write's deadline. */
const STUCK_SHARE = 0.3;

@ApiTags('Health')
@Public()
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  private readonly stuckMs: number;
  private cached: { readonly ready: Promise<Ready>; readonly until: number; readonly revision: number } | undefined;

  constructor(
    private readonly keys: KeyHealthService,
    private readonly unitOfWork: UnitOfWork,
    @Inject(CONFIGURATION) { databaseTimeoutMs }: Configuration,
  ) {
    // Well before the database's lock wait timeout, which is half of the deadline.
    this.stuckMs = Math.min(STUCK_MS, (databaseTimeoutMs ?? DEFAULT_DATABASE_TIMEOUT_MS) * STUCK_SHARE);
  }

  @Get('live')
  @Header('Cache-Control', 'no-store')
  @ServedDuring('starting', 'serving', 'stopping')
  @ApiOperation({ summary: 'Check whether the process is running', operationId: 'getLiveness' })
  @ApiOkResponse({ type: Live })
  live(): Live {
    return { status: 'ok' };
  }

  /** Unavailable without the database, while writes are stuck, or when no connection or webhook endpoint can be decrypted; degraded when some cannot. */
  @Get('ready')
  @Header('Cache-Control', 'no-store')
  @ServedDuring('serving')
  @ApiOperation({ summary: 'Check whether the service can process requests', operationId: 'getReadiness' })
  @ApiOkResponse({ type: Ready })
  @ApiServiceUnavailableResponse({ type: Ready })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Ready> {
    const ready = await this.look();
    if (ready.status === 'unavailable') void reply.code(503);
    return ready;
  }

  private look(): Promise<Ready> {
    const { oldestWriteMs, fault, revision } = this.unitOfWork.state;
    // While writes are stuck, a query would only wait as well.
    if (oldestWriteMs > this.stuckMs || fault !== null) {
      return Promise.resolve({ status: 'unavailable', database: fault === null ? 'stuck' : 'down' });
    }
    if (this.cached === undefined || performance.now() > this.cached.until || this.cached.revision !== revision) {
      this.cached = { ready: this.ask(), until: performance.now() + CACHE_MS, revision };
    }
    return this.cached.ready;
  }

  private async ask(): Promise<Ready> {
    try {
      const { encrypted, unreadable } = await this.keys.check();
      const none = encrypted > 0 && unreadable.count === encrypted;
      return {
        status: none ? 'unavailable' : unreadable.count > 0 ? 'degraded' : 'ok',
        database: 'up',
        unreadableConnections: { count: unreadable.count },
      };
    } catch {
      return { status: 'unavailable', database: 'down' };
    }
  }
}

@Module({ imports: [ConnectionsModule], controllers: [HealthController] })
export class HealthModule {}
