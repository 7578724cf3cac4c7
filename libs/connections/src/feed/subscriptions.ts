import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { RetryPolicy } from './event-consumer.ts';
import { EventConsumers } from './event-consumers.ts';
import type { FeedEventOf, FeedKind } from './feed-kinds.ts';

export interface SubscriptionOptions {
  /**
   * Identifies the subscription in the database; `Class.method` by default. Name it if the class or the method may be renamed: a
   * subscription with another name begins again.
   */
  readonly name?: string;
  /** How many events a call gets at most, 1 to 1,000; 100 by default. */
  readonly batchSize?: number;
  /** Where a subscription begins that is not known yet; at the end of the feed by default. */
  readonly start?: 'beginning' | 'end';
  readonly retry?: RetryPolicy;
}

interface Subscription extends SubscriptionOptions {
  readonly kinds: readonly FeedKind[];
}

export const Subscribed = DiscoveryService.createDecorator<Subscription>();

type Handler<Event> = (events: readonly Event[], signal: AbortSignal) => Promise<void> | void;

/** Decorates a method that handles events. */
export type Subscribe<Event> = <Method extends Handler<Event>>(
  prototype: object,
  name: string | symbol,
  method: TypedPropertyDescriptor<Method>,
) => void;

type Provider = Record<string, Handler<FeedEventOf<FeedKind>>>;

const DEFAULT_BATCH = 100;

/** Finds the subscriptions of all providers. */
@Injectable()
export class Subscriptions implements OnModuleInit {
  private readonly scanner = new MetadataScanner();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly consumers: EventConsumers,
  ) {}

  /** @throws Error, which ends the start, if two subscriptions have one name */
  onModuleInit(): void {
    const known = new Set<object>();
    for (const wrapper of this.discovery.getProviders()) {
      const instance = wrapper.instance as Provider | null | undefined;
      // A provider with an alias is found twice.
      if (typeof instance !== 'object' || instance === null || known.has(instance)) continue;
      known.add(instance);
      for (const method of this.scanner.getAllMethodNames(Object.getPrototypeOf(instance) as object)) {
        const subscription = this.discovery.getMetadataByDecorator(Subscribed, wrapper, method);
        if (subscription !== undefined) this.subscribe(instance, method, subscription);
      }
    }
  }

  private subscribe(instance: Provider, method: string, subscription: Subscription): void {
    const { name = `${instance.constructor.name}.${method}`, batchSize = DEFAULT_BATCH, ...rest } = subscription;
    this.consumers.add({
      ...rest,
      name: `subscriber:${name}`,
      type: 'subscriber',
      batchSize,
      handle: async (events, signal) => instance[method]?.(events, signal),
    });
  }
}
