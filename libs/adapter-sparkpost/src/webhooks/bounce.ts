import {
  type Bounce,
  type BounceClass,
  bounceClassOf,
  type EventKind,
  type JsonItem,
  omitUndefined,
  parseStatusCodes,
  replyCodeOf,
  scalarOf,
  type StatusCodes,
  textOf,
} from '@score-crm/adapter-kit';
import { BOUNCE_CLASSES, type BounceClassification } from './bounce-classes.ts';

/** Returns the kind of an event according to its `bounce_class`: not all returned mail is a bounce. */
export function kindByClass(kind: EventKind, event: JsonItem): EventKind {
  return kind === 'bounced' ? (classificationOf(event)?.kind ?? kind) : kind;
}

/** Returns why a message was not delivered, or undefined for an event of a kind that needs no reason. */
export function bounceOf(kind: EventKind, event: JsonItem): Bounce | undefined {
  if (kind === 'bounced') return { class: bounceClass(event), ...details(event) };
  if (kind === 'rejected') return { class: rejectionClass(event), ...details(event) };
  return kind === 'failed' ? { class: 'unknown', ...details(event) } : undefined;
}

/** SparkPost's own classification takes precedence over the codes, except `Undetermined` and undocumented classes. */
function bounceClass(event: JsonItem): BounceClass {
  const own = classificationOf(event)?.class ?? 'unknown';
  return own === 'unknown' ? bounceClassOf(codesOf(event)) : own;
}

/** The vendor itself rejected it, without asking the receiver: that never means a nonexistent address. */
function rejectionClass(event: JsonItem): BounceClass {
  return classificationOf(event)?.class === 'admin' ? 'admin' : 'policy';
}

function classificationOf(event: JsonItem): BounceClassification | undefined {
  return BOUNCE_CLASSES.get(scalarOf(event, 'bounce_class') ?? '');
}

/** `error_code` is the reply code; `raw_reason` is the receiver's reply. */
function codesOf(event: JsonItem): StatusCodes {
  const reply = parseStatusCodes(reasonOf(event) ?? '');
  return { ...reply, ...omitUndefined('code', replyCodeOf(scalarOf(event, 'error_code')) ?? reply.code) };
}

/** The receiver's reply as it came, or else as SparkPost shows it. */
export function reasonOf(event: JsonItem): string | undefined {
  return textOf(event, 'raw_reason') ?? textOf(event, 'reason');
}

function details(event: JsonItem): Omit<Bounce, 'class'> {
  return {
    ...codesOf(event),
    ...omitUndefined('reason', reasonOf(event)),
    ...omitUndefined('rule', classificationOf(event)?.name ?? scalarOf(event, 'bounce_class')),
  };
}
