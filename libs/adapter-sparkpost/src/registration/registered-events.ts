import { EVENT_KINDS } from '../webhooks/event-kinds.ts';

/** The events to register: those that are counted. */
export const REGISTERED_EVENTS: readonly string[] = [...EVENT_KINDS.keys()];
