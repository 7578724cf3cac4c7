import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { ReadinessService } from '../keys/readiness.service.ts';

/**
 * Reports to Terminus whether the module can process calls: `degraded` if some connections cannot be decrypted, `down` if the
 * database does not respond, writes are stuck or no connection can be decrypted.
 *
 * @example
 * // In a module that imports TerminusModule and ConnectionsModule, and has ConnectionsHealthIndicator among its providers:
 * check(): Promise<HealthCheckResult> {
 *   return this.health.check([() => this.connections.isHealthy()]);
 * }
 */
@Injectable()
export class ConnectionsHealthIndicator {
  constructor(
    private readonly readiness: ReadinessService,
    private readonly indicators: HealthIndicatorService,
  ) {}

  /** @param key the name in the result of the health check */
  async isHealthy<const Key extends string = 'connections'>(
    key: Key = 'connections' as Key,
  ): Promise<HealthIndicatorResult<Key>> {
    const { status, database, unreadableConnections: { count } = { count: 0 } } = await this.readiness.check();
    const session = this.indicators.check(key);
    const details = { database, unreadableConnections: count };
    if (status === 'ok') return session.up(details);
    return status === 'degraded' ? session.degraded(details) : session.down(details);
  }
}
