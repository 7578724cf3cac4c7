import { AdapterError, type AdapterErrorCode, type Fault, type Stage } from '../errors/adapter-error.ts';
import { jsonPointer } from '../validation/field.ts';

/** The path of a message member, e.g. `['to', 0, 'email']`. */
export type MemberPath = readonly (string | number)[];

/**
 * Rejects a member of a message.
 * @throws AdapterError always
 */
export function refuseMember(code: AdapterErrorCode, path: MemberPath, hint: string): never {
  const [stage, fault] = blame(String(path[0]));
  throw new AdapterError({ stage, code, fault, retryable: false, hint, pointer: jsonPointer(...path) });
}

function blame(member: string): readonly [Stage, Fault] {
  if (member === 'to' || member === 'cc' || member === 'bcc') return ['recipient', 'recipient'];
  return [member === 'from' ? 'sender' : 'message', 'sender'];
}
