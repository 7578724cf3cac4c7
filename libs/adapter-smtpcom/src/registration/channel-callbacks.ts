import { AdapterError } from '@score-crm/adapter-kit';
import { itemsIn } from '../api/items.ts';
import type { SmtpcomApi } from '../api/smtpcom-api.ts';
import { NOT_THERE } from '../assumptions.ts';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import { REGISTERED_EVENTS, type RegisteredEvent } from '../webhooks/vendor-events.ts';
import { callbackPath } from './callback-path.ts';

/** The vendor's callback for one event. */
export interface Callback {
  readonly event: RegisteredEvent;
  readonly medium: string;
  /** A URL, or its equivalent for another medium. */
  readonly address: string;
}

/**
 * The callbacks of one channel: one for each event. All methods reject with an AdapterError.
 * https://github.com/smtpcom/smtpcom-go, `api/openapi.yaml`, /v4/callbacks
 */
export class ChannelCallbacks {
  constructor(
    private readonly api: SmtpcomApi,
    private readonly settings: SmtpcomSettings,
    private readonly channel: string,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Returns the existing callbacks of all registered events. */
  async all(): Promise<readonly Callback[]> {
    const found: Callback[] = [];
    for (const event of REGISTERED_EVENTS) found.push(...(await this.find(event)));
    return found;
  }

  create(event: RegisteredEvent, address: string): Promise<void> {
    return this.write('POST', event, { medium: 'http', address });
  }

  update(event: RegisteredEvent, address: string): Promise<void> {
    return this.write('PATCH', event, { medium: 'http', address });
  }

  /** Succeeds if it no longer exists. */
  async remove(event: RegisteredEvent): Promise<void> {
    const parameters = { channel: this.channel };
    try {
      // The query is documented, while clients send a body.
      await this.call('DELETE', event, { query: parameters, body: parameters });
    } catch (error) {
      if (!isNotThere(error) || (await this.find(event)).length > 0) throw error;
    }
  }

  /** Returns the callback for an event, if there is one. A response may contain those of several channels. */
  private async find(event: RegisteredEvent): Promise<readonly Callback[]> {
    try {
      const data = await this.call('GET', event, { query: { channel: this.channel } });
      return itemsIn(data)
        .filter((item) => (item['channel'] ?? this.channel) === this.channel && (item['event'] ?? event) === event)
        .flatMap(({ address, medium = 'http' }) =>
          typeof address === 'string' && address !== '' ? [{ event, medium: String(medium), address }] : [],
        );
    } catch (error) {
      if (isNotThere(error)) return [];
      throw error;
    }
  }

  /** Clients send JSON, which works; the query is documented. */
  private async write(
    method: 'POST' | 'PATCH',
    event: RegisteredEvent,
    { medium, address }: Omit<Callback, 'event'>,
  ): Promise<void> {
    const parameters = { channel: this.channel, medium, address };
    try {
      await this.call(method, event, { body: parameters });
    } catch (error) {
      if (!(error instanceof AdapterError) || error.details.status !== 400) throw error;
      await this.call(method, event, { query: parameters });
    }
  }

  private call(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    event: RegisteredEvent,
    parameters: { readonly query?: Readonly<Record<string, string>>; readonly body?: object },
  ): ReturnType<SmtpcomApi['call']> {
    return this.api.call(this.settings, { method, path: callbackPath(event), ...parameters, signal: this.signal });
  }
}

/** A missing callback is reported as an error, and so is a missing channel: that error names it. */
function isNotThere(error: unknown): boolean {
  if (!(error instanceof AdapterError)) return false;
  const { status = 0, pointer } = error.details;
  return NOT_THERE.has(status) && pointer !== '/channel';
}
