import { AdapterError, type AdapterErrorCode, type Fault, jsonPointer, type Stage } from '@score-crm/adapter-kit';

export type Path = readonly (string | number)[];

/** @throws AdapterError always: the message cannot be handed over as it is. */
export function refuse(code: AdapterErrorCode, path: Path, hint: string): never {
  const [stage, fault] = blame(String(path[0]));
  throw new AdapterError({ stage, code, fault, retryable: false, hint, pointer: jsonPointer(...path) });
}

function blame(member: string): readonly [Stage, Fault] {
  if (member === 'to' || member === 'cc' || member === 'bcc') return ['recipient', 'recipient'];
  return [member === 'from' ? 'sender' : 'message', 'sender'];
}
