import { randomUUID } from 'node:crypto';
import type { SandboxWebhook, WebhookPost } from '@score-crm/adapter-kit/sandbox';
import { receives, type WebhookJson } from './webhook-json.ts';
import { webhookPost } from './webhook-post.ts';
import type { WebhookSigner } from './webhook-signer.ts';

export interface EventWebhook {
  readonly id: string;
  readonly createdAt: string;
  updatedAt: string;
  settings: WebhookJson;
  /** Present while its requests are signed; disabling that destroys the key. */
  signer: WebhookSigner | undefined;
}

/** The event webhooks of the account. */
export class EventWebhooks {
  // In the order of their creation, oldest first.
  private readonly byId = new Map<string, EventWebhook>();

  get all(): readonly EventWebhook[] {
    return [...this.byId.values()];
  }

  get registered(): readonly SandboxWebhook[] {
    return this.all.map(({ id, settings }) => ({ id, url: settings.url }));
  }

  find(id: string): EventWebhook | undefined {
    return this.byId.get(id);
  }

  add(settings: WebhookJson): EventWebhook {
    const now = new Date().toISOString();
    const added: EventWebhook = { id: randomUUID(), createdAt: now, updatedAt: now, settings, signer: undefined };
    this.byId.set(added.id, added);
    return added;
  }

  remove({ id }: EventWebhook): void {
    this.byId.delete(id);
  }

  /** Returns the requests to post after these events. */
  postsOf(events: readonly { readonly event: string }[]): readonly WebhookPost[] {
    return this.all.flatMap(({ settings, signer }) => {
      const selected = events.filter(({ event }) => receives(settings, event));
      return selected.length === 0 ? [] : [webhookPost(settings.url, selected, signer)];
    });
  }
}
