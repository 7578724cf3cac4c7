import { Module } from '@nestjs/common';
import { RunningWork, UnitOfWork } from './unit-of-work.ts';

/** Access to the database, and the work that must end before it closes. */
@Module({ providers: [RunningWork, UnitOfWork], exports: [RunningWork, UnitOfWork] })
export class DatabaseModule {}
