import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DatabaseOverloadedError, DatabaseUnavailableError } from '../database/database-errors.ts';
import { BackgroundWork } from '../database/background-work.ts';
import { JobLoop } from '../database/job-loop.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { type AnyEventConsumer, ConsumerUnavailableError } from '../feed/event-consumer.ts';
import { ConsumersService } from '../feed/consumers.service.ts';
import { EventConsumersRepository } from '../feed/event-consumers.repository.ts';
import { EventConsumers } from '../feed/event-consumers.ts';
import { EventFeed } from '../feed/event-feed.ts';
import { MAX_MESSAGE_EVENTS } from './message-events.ts';
import { MessageStore } from './message-store.ts';
import { WebhookDispatcher } from './webhook-dispatcher.ts';
import { type WebhookEndpointRow, WebhookEndpointsRepository } from './webhook-endpoints.repository.ts';

type Known = Pick<WebhookEndpointRow, 'organization' | 'kinds'>;

/** How often an instance notices endpoints that others have changed. */
const REFRESH_MS = 5_000;
const PAGE = 500;
const PREFIX = 'webhook:';
/** Storing a message takes its turn with sending others, which both lock the endpoint. */
const MESSAGES_PER_BATCH = 5;

/** Gives each enabled endpoint a consumer of the feed, which stores messages for it. */
@Injectable()
export class EndpointConsumers implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(EndpointConsumers.name);
  /** The endpoints with a consumer in this process, by id. */
  private readonly known = new Map<string, Known>();
  private readonly loop = new JobLoop(() => this.refreshAll(), { nextMs: () => REFRESH_MS });
  /** Changes of consumers, one after the other. */
  private changing: Promise<void> = Promise.resolve();

  constructor(
    private readonly background: BackgroundWork,
    private readonly unitOfWork: UnitOfWork,
    private readonly endpoints: WebhookEndpointsRepository,
    private readonly feed: EventFeed,
    private readonly consumers: EventConsumers,
    private readonly positions: EventConsumersRepository,
    private readonly consumersService: ConsumersService,
    private readonly store: MessageStore,
    private readonly dispatcher: WebhookDispatcher,
  ) {}

  onApplicationBootstrap(): void {
    this.background.begin(() => this.loop.begin());
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }

  /**
   * Creates an endpoint whose consumer begins at the end of the feed.
   * @param insert stores the endpoint, in the same transaction
   */
  async create(row: WebhookEndpointRow, insert: (tx: Transaction) => Promise<void>): Promise<void> {
    const end = await this.feed.end();
    await this.unitOfWork.write(async (tx) => {
      await insert(tx);
      await this.positions.insertNew(tx, nameOf(row.id), 'webhook', end);
    });
    await this.refresh(row);
  }

  /** Has the consumer of an endpoint do what its row requires. Other instances notice it later. */
  async refresh({ id, state, organization, kinds }: WebhookEndpointRow): Promise<void> {
    return this.inTurn(async () => {
      const known = this.known.get(id);
      const isSame = known !== undefined && JSON.stringify(known.kinds) === JSON.stringify(kinds);
      if (state === 'enabled' && isSame) return;
      if (known !== undefined) await this.remove(id);
      if (state !== 'enabled' || this.loop.isStopping) return;
      this.known.set(id, { organization, kinds });
      this.consumers.add(this.consumerOf(id, { organization, kinds }));
    });
  }

  /** Deletes the consumer of an endpoint that was deleted. */
  async delete(id: string): Promise<void> {
    return this.inTurn(async () => {
      await this.remove(id);
      await this.consumersService.delete(nameOf(id));
    });
  }

  private async inTurn(change: () => Promise<void>): Promise<void> {
    const changed = this.changing.then(change);
    this.changing = changed.catch(() => undefined);
    return changed;
  }

  private async remove(id: string): Promise<void> {
    this.known.delete(id);
    await this.consumers.remove(nameOf(id));
  }

  private consumerOf(endpointId: string, { organization, kinds }: Known): AnyEventConsumer {
    return {
      name: nameOf(endpointId),
      type: 'webhook',
      organization,
      ...(kinds === null ? {} : { kinds }),
      batchSize: MESSAGES_PER_BATCH * MAX_MESSAGE_EVENTS,
      handle: async (events) => {
        const isStored = await this.store.add({ endpointId, kinds }, events).catch((error: unknown) => {
          throw isUnavailable(error) ? new ConsumerUnavailableError('The database is not available.') : error;
        });
        if (isStored) {
          this.dispatcher.start(endpointId);
          return;
        }
        // Disabled or deleted by another instance: its position must not move.
        this.loop.start();
        throw new ConsumerUnavailableError('The webhook endpoint is disabled.');
      },
    };
  }

  private async refreshAll(): Promise<void> {
    try {
      const enabled = new Set<string>();
      let rows: readonly WebhookEndpointRow[];
      let after = '';
      do {
        rows = await this.unitOfWork.read((tx) => this.endpoints.nextEnabled(tx, after, PAGE));
        for (const row of rows) {
          after = row.id;
          enabled.add(row.id);
          await this.refresh(row);
        }
      } while (rows.length === PAGE && !this.loop.isStopping);
      for (const [id, { organization }] of this.known) if (!enabled.has(id)) await this.end(id, organization);
    } catch (error) {
      this.logger.warn(`The endpoints of outgoing webhooks could not be read: ${safeMessage(error)}`);
    }
  }

  /** Of an endpoint that was not enabled a moment ago. */
  private async end(id: string, organization: string): Promise<void> {
    const row = await this.unitOfWork.read((tx) => this.endpoints.find(tx, organization, id));
    if (row !== null) await this.refresh(row);
    // The consumer may have stored its position again since the endpoint was deleted.
    else await this.delete(id);
  }
}

/** No event is at fault. */
function isUnavailable(error: unknown): boolean {
  return error instanceof DatabaseUnavailableError || error instanceof DatabaseOverloadedError;
}

function nameOf(endpointId: string): string {
  return PREFIX + endpointId;
}
