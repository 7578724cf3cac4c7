import {
  type Bounce,
  type BounceClass,
  bounceClassOf,
  type JsonItem,
  omitUndefined,
  parseStatusCodes,
  replyCodeOf,
  scalarOf,
  type StatusCodes,
  textOf,
} from '@score-crm/adapter-kit';
import { RESPONSE_CLASSES, SUPPRESSED, UNKNOWN_USER } from '../assumptions.ts';
import type { VendorEvent } from './vendor-events.ts';

interface Reply {
  readonly codes: StatusCodes;
  readonly text: string | undefined;
  readonly rule: string | undefined;
}

/** What is known about a bounce. */
export function bounceOf(item: JsonItem, event: VendorEvent): Bounce {
  const reply = replyOf(item);
  return {
    class: classOf(reply, event),
    ...reply.codes,
    ...omitUndefined('reason', reply.text),
    ...omitUndefined('rule', reply.rule),
  };
}

function replyOf(item: JsonItem): Reply {
  const text = textOf(item, 'resp_msg');
  const parsed = parseStatusCodes(text ?? '');
  return {
    codes: { ...parsed, ...omitUndefined('code', replyCodeOf(scalarOf(item, 'resp_code')) ?? parsed.code) },
    text,
    rule: scalarOf(item, 'resp_class'),
  };
}

function classOf(reply: Reply, event: VendorEvent): BounceClass {
  // A notice that is returned later may also be an automatic reply.
  if (event === 'bounceback') return 'soft';
  const known = classOfReply(reply);
  // The vendor's classification, unless the reply shows that the sender was rejected and says nothing about the
  // address.
  if (event === 'hard_bounced') return known === 'block' || known === 'admin' ? known : 'hard';
  return known;
}

function classOfReply({ codes, text = '', rule = '' }: Reply): BounceClass {
  if (SUPPRESSED.test(text)) return 'admin';
  const byCodes = bounceClassOf(codes);
  // The first digit, of either code.
  const reach = String(codes.code ?? codes.enhancedCode).charAt(0);
  // The vendor's own classification takes precedence over the codes, but a temporary failure is never `hard`.
  const own = RESPONSE_CLASSES.get(rule);
  if (own !== undefined) return own === 'hard' && reach === '4' ? 'soft' : own;
  if (byCodes !== 'unknown') return byCodes;
  return UNKNOWN_USER.test(text) && reach === '5' ? 'hard' : 'unknown';
}
