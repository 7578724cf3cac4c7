import { EVENT_KINDS } from '../webhooks/event-kinds.ts';

/** The events that are asked for: those that are counted. */
export const REGISTERED_EVENTS: readonly string[] = [...EVENT_KINDS.keys()];
