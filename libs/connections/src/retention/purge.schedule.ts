import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { BackgroundWork } from '../database/background-work.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import { failureReason, PurgeService } from './purge.service.ts';
import { QuotaService } from './quota.service.ts';
import { RetentionService } from './retention.service.ts';

const DEFAULT_INTERVAL_MS = 60 * 60 * 1000;
/** The first purge does not add load to the start. */
const FIRST_MS = 60_000;

/** Purges, and deletes what is older than its retention or exceeds the quota, periodically, one run at a time. Its timer does not keep the process alive, and a run stops with the application. */
@Injectable()
export class PurgeSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(PurgeSchedule.name);
  private readonly intervalMs: number;
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) { purgeIntervalMs }: ConnectionsModuleOptions,
    private readonly background: BackgroundWork,
    private readonly purgeService: PurgeService,
    private readonly retention: RetentionService,
    private readonly quotas: QuotaService,
  ) {
    this.intervalMs = purgeIntervalMs ?? DEFAULT_INTERVAL_MS;
  }

  onApplicationBootstrap(): void {
    this.background.begin(() => this.begin());
  }

  /** Before the database is closed. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.running;
  }

  private begin(): void {
    if (this.intervalMs > 0 && !this.stopping.signal.aborted) this.runAfter(Math.min(FIRST_MS, this.intervalMs));
  }

  private runAfter(ms: number): void {
    this.timer = setTimeout(() => {
      this.running = this.run();
    }, ms).unref();
  }

  private async run(): Promise<void> {
    try {
      await this.purgeService.purge({ signal: this.stopping.signal });
      await this.retention.prune({ signal: this.stopping.signal });
      await this.quotas.enforce({ signal: this.stopping.signal });
    } catch (error) {
      this.logger.warn(`The purge failed and continues later: ${failureReason(error)}`);
    }
    if (!this.stopping.signal.aborted) this.runAfter(this.intervalMs);
  }
}
