import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { sessionQuery } from '../api/queries.ts';
import type { FeedEvent } from '../api/types.ts';
import { FEED_KINDS } from '../connections/events/event-words.ts';

const ALL_KINDS = Object.keys(FEED_KINDS).join(',');
/** How many events are kept. */
const MAX_EVENTS = 200;
/** Events that arrive within this time are rendered together. */
const RENDER_MS = 250;

/** `closed`: the service refused the stream, and the browser does not connect again. */
export type StreamState = 'connecting' | 'open' | 'closed' | 'paused';

interface LiveEvents {
  /** Newest first. */
  readonly events: readonly FeedEvent[];
  readonly state: StreamState;
  readonly pause: () => void;
  /** Continues with the events from now on. */
  readonly resume: () => void;
}

/**
 * The events of all connections from now on. The browser connects again by itself when the stream ends, and continues with the
 * next event.
 * @param kinds separated by commas; undefined for all
 */
export function useLiveEvents(kinds: string | undefined): LiveEvents {
  const queryClient = useQueryClient();
  const [events, setEvents] = useState<readonly FeedEvent[]>([]);
  const [state, setState] = useState<StreamState>('connecting');
  const isStopped = state === 'paused' || state === 'closed';
  useEffect(() => {
    if (isStopped) return undefined;
    const query = new URLSearchParams({ after: 'end', kind: kinds ?? ALL_KINDS });
    const stream = new EventSource(`/api/v1/events/stream?${query.toString()}`);
    let arrived: FeedEvent[] = [];
    const receive = ({ data }: MessageEvent<string>) => void arrived.unshift(JSON.parse(data) as FeedEvent);
    for (const kind of Object.keys(FEED_KINDS)) stream.addEventListener(kind, receive);
    stream.addEventListener('open', () => setState('open'));
    stream.addEventListener('error', () => {
      const isClosed = stream.readyState === EventSource.CLOSED;
      setState(isClosed ? 'closed' : 'connecting');
      // The session may have ended.
      if (isClosed) void queryClient.invalidateQueries(sessionQuery);
    });
    const timer = setInterval(() => {
      if (arrived.length === 0) return;
      const newest = arrived;
      arrived = [];
      setEvents((before) => [...newest, ...before].slice(0, MAX_EVENTS));
    }, RENDER_MS);
    return () => {
      clearInterval(timer);
      stream.close();
    };
  }, [kinds, isStopped, queryClient]);
  const shown = kinds === undefined ? events : events.filter(({ kind }) => kinds.split(',').includes(kind));
  return { events: shown, state, pause: () => setState('paused'), resume: () => setState('connecting') };
}
