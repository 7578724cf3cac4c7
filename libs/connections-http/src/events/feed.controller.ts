import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { type FeedEventOf, type FeedKind, type FeedRequest, FeedService } from '@score-crm/connections';
import { Controller, Get, Headers, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import { type ApiCaller, CurrentCaller, ForRestrictedCallers, Requires } from '../callers/caller.ts';
import { type HttpResponse, outgoingOf } from '../http/messages.ts';
import { ApiRoutes } from '../routes/api-routes.ts';
import {
  type FeedEventResponse,
  FeedListQuery,
  FeedResponse,
  FeedStreamQuery,
  type WebhookHealthEventResponse,
} from './event.dto.ts';
import { OpenStreams } from './open-streams.ts';

/** Shorter than the usual limits of proxies and load balancers for connections without data. */
const HEARTBEAT_MS = 15_000;
/** Then a client connects again, with a token that is still valid. */
const MAX_STREAM_MS = 60 * 60 * 1_000;
const RECONNECT_MS = 2_000;
const STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // nginx would collect events before it passes them on.
  'x-accel-buffering': 'no',
  // A stop would wait for a connection that stays open after the stream.
  connection: 'close',
};

@ApiTags('Events')
@ApiRoutes()
@Controller('events')
export class FeedController {
  constructor(
    private readonly feed: FeedService,
    private readonly streams: OpenStreams,
  ) {}

  @Get()
  @ForRestrictedCallers()
  @Requires('read')
  @ApiOperation({
    summary: 'Read the events of all connections',
    operationId: 'readFeed',
    description:
      'Returns the events of all connections of the organization in one order, oldest first. The order is the same for every reader, and a reader that continues with `next` misses no event. Store `next`, or the `position` of the last event that you have processed. One request reads at most 2,000 events; with a filter, it may return few or none although more follow: continue until `isAtEnd` is true, then ask again later or use the stream. Events older than the retention of the feed are in the lists of events only; a position before them returns 410.',
  })
  @ApiQuery({ name: 'kind', required: false, style: 'form', explode: false })
  @ApiOkResponse({ type: FeedResponse })
  async list(@CurrentCaller() caller: ApiCaller, @Query() query: FeedListQuery): Promise<FeedResponse> {
    const { data, ...rest } = await this.feed.list(caller, requestOf(caller, query));
    return { data: data.map(responseOf), ...rest };
  }

  @Get('stream')
  @ForRestrictedCallers()
  @Requires('read')
  @ApiOperation({
    summary: 'Stream the events of all connections',
    operationId: 'streamFeed',
    description:
      'Server-sent events: the events of the feed after a position, and then new ones as they are stored. `event` is the kind, `id` the position, `data` the event as JSON, as `GET /api/v1/events` returns it. A client that reconnects with `Last-Event-ID` misses no event. A comment is sent every 15 seconds while there are no events. A stream ends after an hour at the latest. An organization can have 20 streams on each instance.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The position to continue from, instead of `after`.',
  })
  @ApiQuery({ name: 'kind', required: false, style: 'form', explode: false })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ type: String, description: 'The stream.' })
  async stream(
    @CurrentCaller() caller: ApiCaller,
    @Query() query: FeedStreamQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<StreamableFile> {
    const request = { ...requestOf(caller, query), ...(lastEventId === undefined ? {} : { after: lastEventId }) };
    const signal = this.open(caller, outgoingOf(response));
    const events = this.feed.follow(caller, request, HEARTBEAT_MS, signal);
    // An invalid position is an error of the request.
    const first = await events.next();
    for (const [name, value] of Object.entries(STREAM_HEADERS)) response.header(name, value);
    return new StreamableFile(Readable.from(messagesOf(first, events), { objectMode: false }));
  }

  /** @returns a signal that ends the stream */
  private open(caller: ApiCaller, response: ServerResponse): AbortSignal {
    const remove = this.streams.add(caller.organization);
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const timer = setTimeout(end, lifetime(caller)).unref();
    this.streams.ending.addEventListener('abort', end, { once: true });
    response.once('close', () => {
      end();
      clearTimeout(timer);
      this.streams.ending.removeEventListener('abort', end);
      remove();
    });
    return ending.signal;
  }
}

async function* messagesOf(
  first: IteratorResult<readonly FeedEventOf<FeedKind>[], undefined>,
  events: AsyncGenerator<readonly FeedEventOf<FeedKind>[], undefined>,
): AsyncGenerator<string, undefined> {
  try {
    yield `retry: ${String(RECONNECT_MS)}\n\n`;
    for (let next = first; next.done !== true; next = await events.next()) {
      yield next.value.length === 0 ? ': heartbeat\n\n' : next.value.map(messageOf).join('');
    }
  } finally {
    await events.return(undefined);
  }
}

function messageOf(event: FeedEventOf<FeedKind>): string {
  return `id: ${event.position}\nevent: ${event.kind}\ndata: ${JSON.stringify(responseOf(event))}\n\n`;
}

function responseOf({
  organization: _organization,
  ...event
}: FeedEventOf<FeedKind>): FeedEventResponse | WebhookHealthEventResponse {
  return event;
}

/** A restricted key reads only its connections. */
function requestOf(
  { connectionIds }: ApiCaller,
  { kind, connectionId, ...query }: FeedListQuery | FeedStreamQuery,
): FeedRequest<FeedKind> {
  const wanted = connectionId === undefined ? undefined : [connectionId.toLowerCase()];
  const allowed =
    connectionIds === null ? wanted : (wanted ?? connectionIds).filter((id) => connectionIds.includes(id));
  return { ...query, kinds: kind, connectionIds: allowed };
}

/** A stream ends with the token of its request. */
function lifetime({ expiresAt }: ApiCaller): number {
  return expiresAt === null ? MAX_STREAM_MS : Math.min(MAX_STREAM_MS, Math.max(0, expiresAt.getTime() - Date.now()));
}
