import { type Bounce, type BounceClass, type JsonItem, optional, scalarOf, textOf } from '@score-crm/adapter-kit';
import { RESPONSE_CLASSES, SUPPRESSED, UNKNOWN_USER } from '../assumptions.ts';
import type { VendorEvent } from './vendor-events.ts';

// RFC 3463. Not an address of four numbers.
const ENHANCED_CODE = /(?:^|[\s#(:-])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)/;
/** Bad addresses, and a mailbox that is disabled. RFC 3463 3.2 and 3.3 */
const DEAD_ADDRESS = /^5\.(?:1\.(?:1|2|3|6|10)|2\.1)$/;
/** The receiver's policy. RFC 3463 3.8 */
const REFUSED = /^5\.7\.\d+$/;

interface Reply {
  readonly code: number | undefined;
  readonly enhancedCode: string | undefined;
  readonly text: string | undefined;
  readonly rule: string | undefined;
}

/** What is known of a bounce. */
export function bounceOf(item: JsonItem, event: VendorEvent): Bounce {
  const reply = replyOf(item);
  return {
    class: classOf(reply, event),
    ...optional('code', reply.code),
    ...optional('enhancedCode', reply.enhancedCode),
    ...optional('reason', reply.text),
    ...optional('rule', reply.rule),
  };
}

function replyOf(item: JsonItem): Reply {
  const text = textOf(item, 'resp_msg');
  const code = scalarOf(item, 'resp_code') ?? '';
  return {
    code: /^[2-5]\d\d$/.test(code) ? Number(code) : undefined,
    enhancedCode: ENHANCED_CODE.exec(text ?? '')?.[1],
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

function classOfReply({ code, enhancedCode = '', text = '', rule = '' }: Reply): BounceClass {
  if (SUPPRESSED.test(text)) return 'admin';
  // The first digit, of the one code or of the other.
  const reach = String(code ?? enhancedCode).charAt(0);
  const told = RESPONSE_CLASSES.get(rule);
  if (told !== undefined) return told === 'hard' && reach === '4' ? 'soft' : told;
  if (reach === '4') return 'soft';
  if (DEAD_ADDRESS.test(enhancedCode)) return 'hard';
  if (REFUSED.test(enhancedCode)) return 'block';
  if (reach !== '5') return 'unknown';
  return UNKNOWN_USER.test(text) ? 'hard' : 'soft';
}
