import { jest } from '@jest/globals';
import type { Deadline } from '../../src/database/database-engine.ts';
import type { UnitOfWork, WorkOptions } from '../../src/database/unit-of-work.ts';

/** What everything passes that a unit of work stores. */
interface Storing {
  store(attempt: (deadline: Deadline) => Promise<unknown>, options: WorkOptions): Promise<unknown>;
}

/** Spies on everything that a unit of work stores. */
export function spyOnWrites(unitOfWork: UnitOfWork): jest.SpiedFunction<Storing['store']> {
  return jest.spyOn(unitOfWork as unknown as Storing, 'store');
}
