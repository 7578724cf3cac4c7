import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { DatabaseLocation } from '../config/database-url.ts';
import { openDataSource } from './data-source.ts';

const ATTEMPTS = 15;
const PAUSE_MS = 2_000;

/** Opens the database; one that is still starting itself is waited for, half a minute. */
export async function openWhenReady(location: DatabaseLocation): Promise<DataSource> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openDataSource(location);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (location.kind === 'sqlite' || attempt === ATTEMPTS || !isStarting(code)) throw error;
      new Logger('Database').warn(`The database does not answer yet (${String(code)}); trying again.`);
      await delay(PAUSE_MS);
    }
  }
}

function isStarting(code: string | undefined): boolean {
  return ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'PROTOCOL_CONNECTION_LOST'].includes(code ?? '');
}
