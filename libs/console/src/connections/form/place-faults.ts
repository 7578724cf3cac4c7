import type { ProblemFault } from '../../api/types.ts';
import { type FormField, pathOf } from './fields.ts';
import type { FormFaults } from './validate.ts';

export interface PlacedFaults {
  /** Those of a field that is on the page. */
  readonly atFields: FormFaults;
  readonly others: readonly ProblemFault[];
}

const DETAILS: ReadonlySet<string> = new Set(['name', 'fromEmail', 'fromName']);

/** Puts what the service found where it belongs. */
export function placeFaults(faults: readonly ProblemFault[], shown: readonly FormField[]): PlacedFaults {
  const atFields: Record<string, string> = {};
  const others: ProblemFault[] = [];
  for (const fault of faults) {
    const path = pathOfPointer(fault.pointer, shown);
    if (path === undefined) others.push(fault);
    else atFields[path] ??= fault.message;
  }
  return { atFields, others };
}

function pathOfPointer(pointer: string, shown: readonly FormField[]): string | undefined {
  const [first = '', second] = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  // Which recipient it is, the message says.
  if (first === 'to') return 'to';
  if (first !== 'settings') return DETAILS.has(first) ? first : undefined;
  const field = shown.find(({ name }) => name === second);
  return field === undefined ? undefined : pathOf(field);
}
