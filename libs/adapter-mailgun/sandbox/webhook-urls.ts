import type { SandboxWebhook } from '@score-crm/adapter-kit/sandbox';

/** https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domain-webhooks */
export const WEBHOOK_TYPES: readonly string[] = [
  'accepted',
  'clicked',
  'opened',
  'unsubscribed',
  'delivered',
  'permanent_fail',
  'temporary_fail',
  'complained',
];
const MAX_URLS = 3;

/** The URLs of a domain's webhooks by type of event. */
export class WebhookUrls {
  private readonly byType = new Map<string, string[]>(WEBHOOK_TYPES.map((type) => [type, []]));

  get all(): readonly SandboxWebhook[] {
    return [...new Set([...this.byType.values()].flat())].map((url) => ({ id: url, url }));
  }

  /** As the API lists them: null for a type without any. */
  get json(): object {
    const entries = [...this.byType].map(([type, urls]) => [type, urls.length === 0 ? null : { urls: [...urls] }]);
    return { webhooks: Object.fromEntries(entries) as unknown };
  }

  urlsOf(type: string): readonly string[] {
    return this.byType.get(type) ?? [];
  }

  /** Returns the first of these types that already has this URL. */
  known(url: string, types: readonly string[]): string | undefined {
    return types.find((type) => this.urlsOf(type).includes(url));
  }

  /** Returns the first of these types that accepts no other URL. */
  full(url: string, types: readonly string[]): string | undefined {
    return types.find((type) => this.urlsOf(type).filter((other) => other !== url).length >= MAX_URLS);
  }

  set(url: string, types: readonly string[]): void {
    this.remove(url);
    for (const type of types) this.byType.get(type)?.push(url);
  }

  remove(url: string): void {
    for (const [type, urls] of this.byType)
      this.byType.set(
        type,
        urls.filter((other) => other !== url),
      );
  }
}
