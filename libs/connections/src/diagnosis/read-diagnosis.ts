import type { Diagnosis } from '@score-crm/adapter-kit';

/**
 * Returns the diagnosis of an adapter as plain data: a scrubber does not look into instances of classes.
 * @throws TypeError if it is not a diagnosis, or cannot be written as JSON.
 */
export function readDiagnosis(answer: unknown): Diagnosis {
  const plain = JSON.parse(JSON.stringify(answer) ?? 'null') as Partial<Diagnosis> | null;
  if (typeof plain?.ok !== 'boolean' || !Array.isArray(plain.stages))
    throw new TypeError('The adapter did not return a diagnosis.');
  return plain as Diagnosis;
}
