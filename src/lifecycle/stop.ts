import { setTimeout as delay } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { Lifecycle } from './lifecycle.ts';

export interface StopLimits {
  readonly shutdownDrainMs: number;
  readonly shutdownTimeoutMs: number;
}

/** A terminal sends a signal to all its processes, and `npm` forwards it once more. */
const SAME_SIGNAL_MS = 100;
const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

/** Ends the process after a signal or a failed start. */
export class Stop {
  private app: NestFastifyApplication | undefined;
  private beganAt: number | undefined;

  constructor(
    private readonly logger: Logger,
    private readonly limits: StopLimits,
  ) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.onSignal(signal));
  }

  get begun(): boolean {
    return this.beganAt !== undefined;
  }

  /** The application to close. */
  of(app: NestFastifyApplication): void {
    this.app = app;
  }

  /** Closes the application and exits. The code is 1 if that fails or exceeds the limit. */
  async exit(code: number, limitMs = this.limits.shutdownTimeoutMs): Promise<void> {
    this.beganAt ??= Date.now();
    setTimeout(() => {
      this.logger.fatal(`Could not stop within ${String(limitMs)} ms. Exiting with unfinished work.`);
      process.exit(1);
    }, limitMs);
    try {
      if (this.app !== undefined) await this.close(this.app);
      process.exit(code);
    } catch (error) {
      this.logger.fatal({ err: error }, 'Could not stop cleanly.');
      process.exit(1);
    }
  }

  private onSignal(signal: keyof typeof SIGNAL_NUMBERS): void {
    if (this.beganAt === undefined) {
      this.logger.info(`Received ${signal}. Stopping.`);
      void this.exit(0);
      return;
    }
    if (Date.now() - this.beganAt < SAME_SIGNAL_MS) return;
    this.logger.warn(`Received ${signal} again. Exiting with unfinished work.`);
    process.exit(128 + SIGNAL_NUMBERS[signal]);
  }

  private async close(app: NestFastifyApplication): Promise<void> {
    const lifecycle = app.get(Lifecycle);
    const wasServing = lifecycle.phase === 'serving';
    lifecycle.stop();
    if (wasServing) await delay(this.limits.shutdownDrainMs);
    // Requests in flight first: they need everything that `app.close` ends.
    await app.getHttpAdapter().getInstance().close();
    await app.close();
  }
}
