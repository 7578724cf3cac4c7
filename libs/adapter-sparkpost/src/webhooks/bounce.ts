import {
  type Bounce,
  type BounceClass,
  type EventKind,
  type JsonItem,
  optional,
  scalarOf,
  textOf,
} from '@score-crm/adapter-kit';
import { BOUNCE_CLASSES, type BounceClassification } from './bounce-classes.ts';

/** What an event of this kind is, once its `bounce_class` is looked at: not all that comes back is a bounce. */
export function kindByClass(kind: EventKind, event: JsonItem): EventKind {
  return kind === 'bounced' ? (classificationOf(event)?.kind ?? kind) : kind;
}

/** Why a message did not arrive; undefined for an event of a kind that needs no reason. */
export function bounceOf(kind: EventKind, event: JsonItem): Bounce | undefined {
  if (kind === 'bounced') return { class: classificationOf(event)?.class ?? 'unknown', ...details(event) };
  if (kind === 'rejected') return { class: rejectionClass(event), ...details(event) };
  return kind === 'failed' ? { class: 'unknown', ...details(event) } : undefined;
}

/** The vendor refused it itself, without asking the receiver: that never says that an address is dead. */
function rejectionClass(event: JsonItem): BounceClass {
  return classificationOf(event)?.class === 'admin' ? 'admin' : 'policy';
}

function classificationOf(event: JsonItem): BounceClassification | undefined {
  return BOUNCE_CLASSES.get(scalarOf(event, 'bounce_class') ?? '');
}

const SMTP_REPLY = /^([2-5]\d\d)(?:[ -]([245]\.\d{1,3}\.\d{1,3}))?(?!\S)/;

function details(event: JsonItem): Omit<Bounce, 'class'> {
  const reason = textOf(event, 'raw_reason') ?? textOf(event, 'reason');
  const [, replyCode, enhancedCode] = SMTP_REPLY.exec(reason ?? '') ?? [];
  const code = /^[2-5]\d\d$/.exec(scalarOf(event, 'error_code') ?? '')?.[0] ?? replyCode;
  return {
    ...optional('code', code === undefined ? undefined : Number(code)),
    ...optional('enhancedCode', enhancedCode),
    ...optional('reason', reason),
    ...optional('rule', classificationOf(event)?.name ?? scalarOf(event, 'bounce_class')),
  };
}
