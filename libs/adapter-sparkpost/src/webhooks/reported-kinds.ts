import type { EventKind } from '@score-crm/adapter-kit';
import { BOUNCE_CLASSES } from './bounce-classes.ts';
import { EVENT_KINDS } from './event-kinds.ts';

const BY_CLASS = [...BOUNCE_CLASSES.values()].flatMap(({ kind }) => kind ?? []);

/** Returns the kinds of events, by their type or by the class of a bounce. */
export const REPORTED_KINDS: readonly EventKind[] = [...new Set([...EVENT_KINDS.values(), ...BY_CLASS])].filter(
  (kind) => kind !== 'unknown',
);
