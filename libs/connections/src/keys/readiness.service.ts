import { Inject, Injectable } from '@nestjs/common';
import { DEFAULT_DATABASE_TIMEOUT_MS, UnitOfWork } from '../database/unit-of-work.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import { KeyHealthService } from './key-health.service.ts';

/** Whether the module can process calls. */
export interface Readiness {
  /**
   * `unavailable`: the database does not respond, writes are stuck, or none of the connections and webhook endpoints can be
   * decrypted. `degraded`: some of them cannot.
   */
  readonly status: 'ok' | 'degraded' | 'unavailable';
  /** `stuck`: the oldest write has waited for too long. */
  readonly database: 'up' | 'down' | 'stuck';
  /** The connections and webhook endpoints that the configured keys cannot decrypt; absent while the database is not up. */
  readonly unreadableConnections?: { readonly count: number };
}

/** How long a result is reused unless the state changes. Health checks are public, so they may be called very often. */
const CACHE_MS = 500;
/** The longest time that a write may wait for the database before the module is unavailable. */
const STUCK_MS = 5_000;
/** The same as a share of a write's deadline. */
const STUCK_SHARE = 0.3;

/** Reports whether the module can process calls, for health checks. */
@Injectable()
export class ReadinessService {
  private readonly stuckMs: number;
  private cached:
    { readonly readiness: Promise<Readiness>; readonly until: number; readonly revision: number } | undefined;

  constructor(
    private readonly keys: KeyHealthService,
    private readonly unitOfWork: UnitOfWork,
    @Inject(MODULE_OPTIONS_TOKEN) { databaseTimeoutMs }: ConnectionsModuleOptions,
  ) {
    // Well before the database's lock wait timeout, which is half of the deadline.
    this.stuckMs = Math.min(STUCK_MS, (databaseTimeoutMs ?? DEFAULT_DATABASE_TIMEOUT_MS) * STUCK_SHARE);
  }

  check(): Promise<Readiness> {
    const { oldestWriteMs, fault, revision } = this.unitOfWork.state;
    // While writes are stuck, a query would only wait as well.
    if (oldestWriteMs > this.stuckMs || fault !== null) {
      return Promise.resolve({ status: 'unavailable', database: fault === null ? 'stuck' : 'down' });
    }
    if (this.cached === undefined || performance.now() > this.cached.until || this.cached.revision !== revision) {
      this.cached = { readiness: this.ask(), until: performance.now() + CACHE_MS, revision };
    }
    return this.cached.readiness;
  }

  private async ask(): Promise<Readiness> {
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
