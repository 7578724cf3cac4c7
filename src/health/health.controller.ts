import { DEFAULT_DATABASE_TIMEOUT_MS, KeyHealthService, UnitOfWork } from '@score-crm/connections';
import { Controller, Get, Header, Inject, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/requires.decorator.ts';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { ServedDuring } from '../lifecycle/served-during.decorator.ts';
import { Live, Ready } from './health.dto.ts';

/** How long an answer is shared by all that ask, unless something changes: anyone may ask, as often as they like. */
const CACHE_MS = 500;
/** How long a write may wait for the database, at most, before the service counts as unavailable. */
const STUCK_MS = 5_000;
/** The same as a part of the deadline of a write. */
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
    // Well before the server gives up waiting for a lock, which it does after half of the deadline.
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

  /** Unavailable without the database, while writes are stuck, or when no connection can be decrypted; degraded when some cannot. */
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
    // While writes are stuck, a question to the database would only wait as well.
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
