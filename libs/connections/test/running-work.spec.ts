import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { expect, it } from '@jest/globals';
import type { ConnectionsModuleOptions } from '../src/index.ts';
import { RunningWork } from '../src/database/unit-of-work.ts';
import { RecordingLogger } from './support/recording-logger.ts';

it('keeps an application from stopping until its work and the work that it began have ended', async () => {
  const work = new RunningWork({} as ConnectionsModuleOptions);
  const ended: string[] = [];
  const storing = async (): Promise<void> => {
    await delay(30);
    ended.push('stored');
  };
  const sending = async (): Promise<never> => {
    await delay(30);
    ended.push('sent');
    void work.track(storing());
    throw new Error('its caller gets this');
  };
  await Promise.all([expect(work.track(sending())).rejects.toThrow('its caller'), work.beforeApplicationShutdown()]);
  expect(ended).toEqual(['sent', 'stored']);
});

it('logs what has not ended within the limit, and lets the application stop', async () => {
  const logger = new RecordingLogger();
  Logger.overrideLogger(logger);
  // The limit is 15 s more than this.
  const work = new RunningWork({ sendTimeoutMs: 20 - 15_000 } as ConnectionsModuleOptions);
  void work.track(new Promise(() => undefined));
  await work.beforeApplicationShutdown();
  expect(logger.lines).toEqual([expect.stringContaining('1 still running after 20 ms')]);
});
