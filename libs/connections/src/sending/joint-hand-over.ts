import type { EmailMessage, SendResult } from '@score-crm/adapter-kit';
import type { ResolvedConnection } from '../connections/connection-loader.ts';
import type { Patience } from './connection-limits.ts';
import type { HandOver } from './hand-over.ts';
import { SendFailedError } from './send-errors.ts';

interface Waiting {
  readonly connection: ResolvedConnection;
  readonly message: EmailMessage;
  readonly resolve: (result: Promise<SendResult>) => void;
}

/** The way of one message of a chunk to the vendor. */
export interface JointWay {
  readonly send: (connection: ResolvedConnection, message: EmailMessage) => Promise<SendResult>;
  /** Call it when the others should not wait for the message: it has ended, or will be sent later by itself. */
  readonly leave: () => void;
}

/**
 * Hands the messages of a chunk over together. Each message goes through its own steps before and after; the calls to the vendor
 * begin when every message has arrived here, or has ended before.
 */
export class JointHandOver {
  private readonly waiting: Waiting[] = [];

  /** @param missing the number of messages of the chunk */
  constructor(
    private readonly handOver: HandOver,
    private missing: number,
    private readonly patience: Patience,
  ) {}

  join(): JointWay {
    let isMissing = true;
    const leave = (): void => {
      if (!isMissing) return;
      isMissing = false;
      this.missing--;
      if (this.missing === 0) this.sendAll();
    };
    const send = (connection: ResolvedConnection, message: EmailMessage): Promise<SendResult> => {
      if (!isMissing) return this.handOver.send(connection, message, this.patience);
      return new Promise((resolve) => {
        this.waiting.push({ connection, message, resolve });
        leave();
      });
    };
    return { send, leave };
  }

  private sendAll(): void {
    try {
      for (const group of this.groups()) this.sendGroup(group);
    } catch (error) {
      // Otherwise all of them would wait forever.
      for (const { resolve } of this.waiting) resolve(Promise.reject(error));
    }
  }

  private groups(): Iterable<readonly Waiting[]> {
    const groups = new Map<string, Waiting[]>();
    for (const one of this.waiting) {
      const { connection, message } = one;
      // The connection may have changed in the meantime.
      const key = JSON.stringify([connection.poolKey, connection.adapter.batchKey?.(message)]);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [one]);
      else group.push(one);
    }
    return groups.values();
  }

  private sendGroup(group: readonly Waiting[]): void {
    const [first] = group;
    if (first === undefined) return;
    const { connection } = first;
    const { maxBatch = 1 } = connection.adapter.capabilities;
    if (group.length === 1 || maxBatch === 1) {
      for (const { message, resolve } of group) resolve(this.handOver.send(connection, message, this.patience));
      return;
    }
    for (let start = 0; start < group.length; start += maxBatch) {
      const part = group.slice(start, start + maxBatch);
      const messages = part.map(({ message }) => message);
      const results = this.handOver.sendTogether(connection, messages, this.patience);
      for (const [index, { resolve }] of part.entries()) {
        const own = results.then((all) => {
          const result = all[index] as (typeof all)[number];
          if (result instanceof SendFailedError) throw result;
          return result;
        });
        resolve(own);
      }
    }
  }
}
