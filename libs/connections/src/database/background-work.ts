import { Inject, Injectable } from '@nestjs/common';
import {
  type BackgroundWorkSetting,
  type ConnectionsModuleOptions,
  MODULE_OPTIONS_TOKEN,
} from '../options/connections.module-options.ts';

/** Decides what runs in the background of this process, and waits for the tables. */
@Injectable()
export class BackgroundWork {
  private readonly schemaReady: Promise<unknown>;
  private readonly enabled: BackgroundWorkSetting;

  constructor(@Inject(MODULE_OPTIONS_TOKEN) { backgroundWork, schemaReady }: ConnectionsModuleOptions) {
    this.enabled = backgroundWork ?? 'all';
    this.schemaReady = schemaReady ?? Promise.resolve();
  }

  /** Whether it is only what keeps the feed and the projections complete. */
  get isOnlyProjections(): boolean {
    return this.enabled === 'projections';
  }

  /** Calls `start` when the tables exist, unless this process does no such work. If they cannot be created, it never does. */
  begin(start: () => void): void {
    if (this.enabled === 'all') this.whenReady(start);
  }

  /** The same, for what keeps the feed and the projections complete. */
  beginProjections(start: () => void): void {
    if (this.enabled !== 'none') this.whenReady(start);
  }

  private whenReady(start: () => void): void {
    this.schemaReady.then(start, () => undefined);
  }
}
