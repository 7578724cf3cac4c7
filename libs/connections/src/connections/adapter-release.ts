import { Injectable, Logger } from '@nestjs/common';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import type { ConnectionRow } from '../persistence/schema/connection-row.ts';

/** Lets an adapter close what it keeps open for a connection that changed or went. */
@Injectable()
export class AdapterRelease {
  private readonly logger = new Logger(AdapterRelease.name);

  constructor(private readonly registry: AdapterRegistry) {}

  /** Never fails: the change is committed, and what stays open is only idle. */
  async release(row: ConnectionRow, poolKey: string): Promise<void> {
    try {
      await this.registry.find(row.vendor)?.adapter.release?.(poolKey);
    } catch {
      // The cause stays out of the log: no scrubber knows the secrets any more.
      this.logger.error(`The adapter of ${row.vendor} failed to release connection ${row.id}.`);
    }
  }
}
