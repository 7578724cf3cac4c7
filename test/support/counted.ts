import { setTimeout as delay } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { EventConsumersRepository } from '../../libs/connections/src/feed/event-consumers.repository.ts';
import { UnitOfWork } from '../../libs/connections/src/index.ts';
import { FeedRepository } from '../../libs/connections/src/sequence/feed.repository.ts';
import { COUNTS } from '../../libs/connections/src/stats/counts.projection.ts';

const PAUSE_MS = 10;

/** Waits until every stored event has its place in the feed, and is counted. */
export async function counted(app: INestApplicationContext): Promise<void> {
  const [unitOfWork, feed, consumers] = [
    app.get(UnitOfWork),
    app.get(FeedRepository),
    app.get(EventConsumersRepository),
  ];
  for (;;) {
    const isDone = await unitOfWork.read(async (tx) => {
      if (await feed.hasPending(tx)) return false;
      const { last } = await feed.ends(tx);
      const [entry] = await feed.from(tx, last, 1);
      const position = await consumers.find(tx, COUNTS);
      if (entry === undefined || position === null) return last === 0;
      return position.seq > last || (position.seq === last && position.index >= entry.events);
    });
    if (isDone) return;
    await delay(PAUSE_MS);
  }
}
