import { Module } from '@nestjs/common';
import { BackgroundWork } from './background-work.ts';
import { RunningWork, UnitOfWork } from './unit-of-work.ts';

const PROVIDERS = [BackgroundWork, RunningWork, UnitOfWork];

/** Access to the database, and the work that must end before it closes. */
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class DatabaseModule {}
