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

/** What is known of a bounce. */
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
  // A notice that came back later may as well be an automatic answer.
  if (event === 'bounceback') return 'soft';
  const known = classOfReply(reply);
  // The vendor's own word, unless the reply says that the sender was refused, and nothing of the address.
  if (event === 'hard_bounced') return known === 'block' || known === 'admin' ? known : 'hard';
  return known;
}

function classOfReply({ codes, text = '', rule = '' }: Reply): BounceClass {
  if (SUPPRESSED.test(text)) return 'admin';
  const byCodes = bounceClassOf(codes);
  // The first digit, of the one code or of the other.
  const reach = String(codes.code ?? codes.enhancedCode).charAt(0);
  // The vendor's own classification wins over the codes, but a temporary failure never makes an address dead.
  const own = RESPONSE_CLASSES.get(rule);
  if (own !== undefined) return own === 'hard' && reach === '4' ? 'soft' : own;
  if (byCodes !== 'unknown') return byCodes;
  return UNKNOWN_USER.test(text) && reach === '5' ? 'hard' : 'unknown';
}
