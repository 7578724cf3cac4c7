import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { BackgroundWork } from '../database/background-work.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { FeedHead } from '../sequence/feed-head.ts';
import { type ConsumerContext, ConsumerLoop, isProjection } from './consumer-loop.ts';
import { DeadLettersRepository } from './dead-letters.repository.ts';
import type { AnyEventConsumer, EventConsumer, EventProjection } from './event-consumer.ts';
import { CONSUMER_NAME_LENGTH, EventConsumersRepository } from './event-consumers.repository.ts';
import { EventFeed } from './event-feed.ts';
import type { FeedKind } from './feed-kinds.ts';

const NAME = /^[\x21-\x7e]+$/;

/** Runs the consumers that are added in this process, as far as no other instance runs them. */
@Injectable()
export class EventConsumers implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly context: ConsumerContext;
  private readonly loops = new Map<string, ConsumerLoop>();
  private isRunning = false;

  constructor(
    private readonly background: BackgroundWork,
    unitOfWork: UnitOfWork,
    feed: EventFeed,
    head: FeedHead,
    consumers: EventConsumersRepository,
    deadLetters: DeadLettersRepository,
  ) {
    this.context = { instance: uuid(), unitOfWork, feed, head, consumers, deadLetters };
  }

  /**
   * Adds a consumer. It starts with the application, or now if that has started.
   * @throws Error if the name is taken or not valid
   */
  add<Kind extends FeedKind>(consumer: EventConsumer<Kind> | EventProjection): void {
    const { name } = consumer;
    if (!NAME.test(name) || name.length > CONSUMER_NAME_LENGTH) {
      throw new Error(`"${name}" cannot name a consumer. Use up to 100 characters of printable ASCII without spaces.`);
    }
    if (this.loops.has(name)) throw new Error(`Two consumers are named "${name}". Give each a name of its own.`);
    const loop = new ConsumerLoop(this.context, consumer);
    this.loops.set(name, loop);
    if (this.isRunning) this.start(loop);
  }

  /** The consumer of this process with this name. */
  find(name: string): AnyEventConsumer | EventProjection | undefined {
    return this.loops.get(name)?.consumer;
  }

  /** Makes a consumer of this process read its row again, which has changed. */
  wake(name: string): void {
    this.loops.get(name)?.wake();
  }

  /** Stops a consumer in this process. Its position stays in the database. */
  async remove(name: string): Promise<void> {
    const loop = this.loops.get(name);
    this.loops.delete(name);
    await loop?.stop();
  }

  onApplicationBootstrap(): void {
    this.background.beginProjections(() => {
      this.isRunning = true;
      for (const loop of this.loops.values()) this.start(loop);
    });
  }

  /** Before the database is closed. */
  async onModuleDestroy(): Promise<void> {
    this.isRunning = false;
    await Promise.all([...this.loops.values()].map(async (loop) => loop.stop()));
  }

  private start(loop: ConsumerLoop): void {
    if (!this.background.isOnlyProjections || isProjection(loop.consumer)) loop.start();
  }
}
