import type { OutboundConnector } from '@score-crm/adapter-kit';
import { LRUCache } from 'lru-cache';
import type { SmtpSettings } from '../settings/smtp.settings.ts';
import { PooledTransport } from './pooled-transport.ts';

const MAX_POOLS = 300;
const IDLE_POOL_MS = 5 * 60_000;

/** The pools by their caller's key. The least recently used ones are closed. */
export class TransportPools {
  private readonly pools = new LRUCache<string, PooledTransport>({
    max: MAX_POOLS,
    ttl: IDLE_POOL_MS,
    updateAgeOnGet: true,
    // Its timers do not keep the process alive.
    ttlAutopurge: true,
    dispose: (pool) => pool.delete(),
  });

  constructor(private readonly connector: OutboundConnector) {}

  /** Returns the pool of a key, and creates it from the settings if the key is new. */
  of(poolKey: string, settings: SmtpSettings): PooledTransport {
    const kept = this.pools.get(poolKey);
    if (kept !== undefined) return kept;
    const pool = new PooledTransport(this.connector, settings);
    this.pools.set(poolKey, pool);
    return pool;
  }

  close(poolKey?: string): void {
    if (poolKey === undefined) this.pools.clear();
    else this.pools.delete(poolKey);
  }
}
