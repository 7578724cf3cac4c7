import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { ConnectionsService, type ConnectionsModuleOptions, type PurgeOptions, PurgeService } from '../src/index.ts';
import { BackgroundWork } from '../src/database/background-work.ts';
import { PurgeSchedule } from '../src/retention/purge.schedule.ts';
import type { QuotaService } from '../src/retention/quota.service.ts';
import type { RetentionService } from '../src/retention/retention.service.ts';
import { fakeConnection } from './support/inputs.ts';
import { RecordingLogger } from './support/recording-logger.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('the schedule of the purge', () => {
  const logger = new RecordingLogger();
  const runs: PurgeOptions[] = [];
  let work: () => Promise<void>;

  beforeEach(() => {
    runs.length = 0;
    logger.lines.length = 0;
    work = async () => undefined;
    Logger.overrideLogger(logger);
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  function schedule(purgeIntervalMs?: number, schemaReady?: Promise<void>): PurgeSchedule {
    const purge = async (options: PurgeOptions): Promise<void> => {
      runs.push(options);
      await work();
    };
    const interval = purgeIntervalMs === undefined ? {} : { purgeIntervalMs };
    const options = { ...interval, ...(schemaReady && { schemaReady }) } as ConnectionsModuleOptions;
    const retention = { prune: async () => undefined } as unknown as RetentionService;
    const quotas = { enforce: async () => undefined } as unknown as QuotaService;
    const made = new PurgeSchedule(
      options,
      new BackgroundWork(options),
      { purge } as unknown as PurgeService,
      retention,
      quotas,
    );
    made.onApplicationBootstrap();
    return made;
  }

  it('runs a minute after the start, then once an hour', async () => {
    const running = schedule();
    await jest.advanceTimersByTimeAsync(MINUTE - 1);
    expect(runs).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(runs).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(HOUR - 1);
    expect(runs).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(2 * HOUR);
    expect(runs).toHaveLength(3);
    await running.onModuleDestroy();
  });

  it('waits for the migrations of the application, and never begins after a stop', async () => {
    let migrated: () => void = () => undefined;
    const schemaReady = new Promise<void>((resolve) => (migrated = resolve));
    const running = schedule(MINUTE, schemaReady);
    const stopped = schedule(MINUTE, schemaReady);
    await jest.advanceTimersByTimeAsync(2 * HOUR);
    expect(runs).toHaveLength(0);
    await stopped.onModuleDestroy();
    migrated();
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(runs).toHaveLength(1);
    await running.onModuleDestroy();
  });

  it('begins the next run only after the last one has ended', async () => {
    let end: () => void = () => undefined;
    work = () => new Promise((resolve) => (end = resolve));
    const running = schedule(MINUTE);
    await jest.advanceTimersByTimeAsync(10 * MINUTE);
    expect(runs).toHaveLength(1);
    end();
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(runs).toHaveLength(2);
    end();
    await running.onModuleDestroy();
  });

  it('goes on after a run that failed, and does not quote its error', async () => {
    work = () => Promise.reject(new Error('the password is 1234'));
    const running = schedule(MINUTE);
    await jest.advanceTimersByTimeAsync(2 * MINUTE);
    expect(runs).toHaveLength(2);
    expect(logger.lines).toEqual(Array.from({ length: 2 }, () => 'warn The purge failed and continues later: Error'));
    await running.onModuleDestroy();
  });

  it('stops with the application: the run is told to, and waited for', async () => {
    let end: () => void = () => undefined;
    work = () => new Promise((resolve) => (end = resolve));
    const running = schedule(MINUTE);
    await jest.advanceTimersByTimeAsync(MINUTE);
    let stopped = false;
    const stopping = running.onModuleDestroy().then(() => (stopped = true));
    await jest.advanceTimersByTimeAsync(0);
    expect([runs[0]?.signal?.aborted, stopped]).toEqual([true, false]);
    end();
    await stopping;
    await jest.advanceTimersByTimeAsync(10 * HOUR);
    expect(runs).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does nothing where the application purges by itself', async () => {
    const running = schedule(0);
    await jest.advanceTimersByTimeAsync(10 * HOUR);
    expect(runs).toHaveLength(0);
    await running.onModuleDestroy();
  });
});

it.each(DATABASES)('an application on %s purges by itself', async (kind) => {
  const module = await TestModule.start(kind, { purgeIntervalMs: 20 });
  const connections = module.app.get(ConnectionsService);
  const [gone, kept] = [
    await connections.create(CALLER, fakeConnection()),
    await connections.create(CALLER, fakeConnection()),
  ];
  for (const { id } of [gone, kept]) await connections.delete(CALLER, id);
  await module.dataSource.query("UPDATE connections SET deleted_at = '2026-01-01 00:00:00.000' WHERE id = ?", [
    gone.id,
  ]);
  while ((await module.row(gone.id)) !== undefined) await delay(10);
  expect(await module.row(kept.id)).toBeDefined();
  await module.end();
});
