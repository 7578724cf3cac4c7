import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module.ts';
import { FeedHead } from './feed-head.ts';
import { FeedRepository } from './feed.repository.ts';
import { Sequencer } from './sequencer.ts';

@Module({
  imports: [DatabaseModule],
  providers: [FeedHead, FeedRepository, Sequencer],
  exports: [FeedHead, FeedRepository, Sequencer],
})
export class SequenceModule {}
